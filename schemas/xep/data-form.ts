/**
 * Data forms: XEP-0004, with the reported items of search results. The reader is lenient to strangers' forms, and
 * bounded: what is beyond the bounds, or not understood, is left out.
 */

import { Malformed } from '../malformed.js'
import { nsDataForms } from '../names.js'
import { childElements, type Element, isElement, isXmlText, xml } from '../xml.js'

const formTypes = ['form', 'submit', 'cancel', 'result'] as const
export type FormType = (typeof formTypes)[number]

const fieldTypes = [
  'boolean',
  'fixed',
  'hidden',
  'jid-multi',
  'jid-single',
  'list-multi',
  'list-single',
  'text-multi',
  'text-private',
  'text-single',
] as const
export type FieldType = (typeof fieldTypes)[number]

export interface FormField {
  /** Absent only for `fixed`. */
  var?: string
  type?: FieldType
  label?: string
  required?: boolean
  values: string[]
  /** For lists: what may be chosen. */
  options?: { label?: string; value: string }[]
}

export interface DataForm {
  type: FormType
  title?: string
  instructions?: string
  fields: FormField[]
  /** Columns of a result, and its rows: values by the column's name. */
  reported?: FormField[]
  items?: Record<string, string>[]
}

/** Fields of a form, values of a field and rows of a result that are read, and characters of each text. */
const maxFields = 64
const maxValues = 64
const maxItems = 100
const maxLength = 2_048

/** Writes a form. Texts are the caller's: what XML cannot carry in them is left out. */
export function writeForm(form: DataForm): Element {
  return xml(
    'x',
    { xmlns: nsDataForms, type: form.type },
    form.title !== undefined && xml('title', null, carried(form.title)),
    form.instructions !== undefined && xml('instructions', null, carried(form.instructions)),
    ...form.fields.map(writeField),
    form.reported && xml('reported', null, ...form.reported.map(writeField)),
    ...(form.items ?? []).map((item) =>
      xml(
        'item',
        null,
        ...Object.entries(item).map(([name, value]) =>
          xml('field', { var: name }, xml('value', null, carried(value))),
        ),
      ),
    ),
  )
}

function writeField(field: FormField): Element {
  return xml(
    'field',
    { var: field.var, type: field.type, label: field.label },
    field.required === true && xml('required'),
    ...field.values.map((value) => xml('value', null, carried(value))),
    ...(field.options ?? []).map(({ label, value }) =>
      xml('option', { label }, xml('value', null, carried(value))),
    ),
  )
}

function carried(text: string): string {
  return isXmlText(text) ? text : [...text].map((one) => (isXmlText(one) ? one : '\ufffd')).join('')
}

/**
 * Reads a form.
 * @throws Malformed when it is another element, or none of the four types.
 */
export function readForm(form: Element): DataForm {
  if (!isElement(form, 'x', nsDataForms)) throw new Malformed('x', 'not this element')
  const type = formTypes.find((known) => known === form.attrs.type)
  if (!type) throw new Malformed('x/@type', 'not a known word')
  const read: DataForm = { type, fields: [] }
  for (const child of childElements(form)) {
    if (isElement(child, 'title', nsDataForms)) read.title ??= textOf(child)
    else if (isElement(child, 'instructions', nsDataForms)) read.instructions ??= textOf(child)
    else if (isElement(child, 'field', nsDataForms)) {
      if (read.fields.length < maxFields) read.fields.push(readField(child))
    } else if (isElement(child, 'reported', nsDataForms)) read.reported ??= fieldsOf(child).map(readField)
    else if (isElement(child, 'item', nsDataForms)) {
      read.items ??= []
      if (read.items.length < maxItems) read.items.push(readItem(child))
    }
  }
  return read
}

function readField(element: Element): FormField {
  const field: FormField = { values: valuesOf(element) }
  const { var: name, label } = element.attrs
  const type = fieldTypes.find((known) => known === element.attrs.type)
  if (name !== undefined) field.var = name.slice(0, maxLength)
  if (type) field.type = type
  if (label !== undefined) field.label = label.slice(0, maxLength)
  const parts = childElements(element)
  if (parts.some((part) => isElement(part, 'required', nsDataForms))) field.required = true
  const options = parts.filter((part) => isElement(part, 'option', nsDataForms)).slice(0, maxValues)
  if (options.length > 0) {
    field.options = options.map((option) => {
      const value = valuesOf(option)[0] ?? ''
      return option.attrs.label === undefined
        ? { value }
        : { label: option.attrs.label.slice(0, maxLength), value }
    })
  }
  return field
}

function readItem(item: Element): Record<string, string> {
  const pairs = fieldsOf(item).map((field) => [
    field.attrs.var?.slice(0, maxLength) ?? '',
    valuesOf(field)[0] ?? '',
  ])
  return Object.fromEntries(pairs.filter(([name]) => name !== ''))
}

function fieldsOf(element: Element): Element[] {
  return childElements(element)
    .filter((child) => isElement(child, 'field', nsDataForms))
    .slice(0, maxFields)
}

function valuesOf(element: Element): string[] {
  return childElements(element)
    .filter((child) => isElement(child, 'value', nsDataForms))
    .slice(0, maxValues)
    .map(textOf)
}

function textOf(element: Element): string {
  return element.getText().slice(0, maxLength)
}

/** The first value of a field, if the form has that field and it has a value that is not empty. */
export function valueIn(form: DataForm, name: string): string | undefined {
  const value = form.fields.find((field) => field.var === name)?.values[0]
  return value === '' ? undefined : value
}

/** A boolean of XEP-0004, 3.3: `1` and `true`. */
export function isSet(form: DataForm, name: string): boolean {
  const value = valueIn(form, name)
  return value === '1' || value === 'true'
}
