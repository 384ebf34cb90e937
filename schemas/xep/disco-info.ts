/**
 * What an entity is and can do: XEP-0030, with the form of XEP-0128 that tells limits. The reader is lenient to
 * strangers' answers, and bounded.
 */

import { Malformed } from '../malformed.js'
import { nsDataForms, nsDiscoInfo } from '../names.js'
import { childElements, type Element, isElement, xml } from '../xml.js'

export interface Identity {
  category: string
  type: string
  name?: string
}

/** One form of XEP-0128: its FORM_TYPE and its fields. */
export interface ExtensionForm {
  formType: string
  fields: Record<string, string[]>
}

export interface DiscoInfo {
  identities: Identity[]
  features: string[]
  forms: ExtensionForm[]
}

const maxItems = 256
const maxLength = 1_024

/** Writes the answer to `disco#info`; of a node, where one was asked about, which it says again (XEP-0030, 3.2). */
export function writeDiscoInfo({ identities, features, forms }: DiscoInfo, node?: string): Element {
  return xml(
    'query',
    { xmlns: nsDiscoInfo, node },
    ...identities.map(({ category, type, name }) => xml('identity', { category, type, name })),
    ...features.map((feature) => xml('feature', { var: feature })),
    ...forms.map(writeForm),
  )
}

function writeForm({ formType, fields }: ExtensionForm): Element {
  return xml(
    'x',
    { xmlns: nsDataForms, type: 'result' },
    xml('field', { var: 'FORM_TYPE', type: 'hidden' }, xml('value', null, formType)),
    ...Object.entries(fields).map(([name, values]) =>
      xml('field', { var: name }, ...values.map((value) => xml('value', null, value))),
    ),
  )
}

/**
 * Reads the answer to `disco#info`. What is beyond the bounds, or not understood, is left out.
 * @throws Malformed when it is another element.
 */
export function readDiscoInfo(query: Element): DiscoInfo {
  if (!isElement(query, 'query', nsDiscoInfo)) throw new Malformed('query', 'not this element')
  const info: DiscoInfo = { identities: [], features: [], forms: [] }
  for (const child of childElements(query).slice(0, maxItems)) {
    if (isElement(child, 'feature', nsDiscoInfo)) {
      const feature = child.attrs.var
      if (feature !== undefined && feature.length <= maxLength) info.features.push(feature)
    } else if (isElement(child, 'identity', nsDiscoInfo)) {
      const { category = '', type = '', name } = child.attrs
      info.identities.push({
        category,
        type,
        ...(name === undefined ? {} : { name: name.slice(0, maxLength) }),
      })
    } else if (isElement(child, 'x', nsDataForms)) {
      const form = readForm(child)
      if (form) info.forms.push(form)
    }
  }
  return info
}

function readForm(form: Element): ExtensionForm | undefined {
  const fields = new Map<string, string[]>()
  for (const field of childElements(form).slice(0, maxItems)) {
    const name = field.attrs.var
    if (name === undefined || name.length > maxLength || !isElement(field, 'field', nsDataForms)) continue
    const values = childElements(field)
      .filter((value) => isElement(value, 'value', nsDataForms))
      .slice(0, maxItems)
    fields.set(
      name,
      values.map((value) => value.getText().slice(0, maxLength)),
    )
  }
  const formType = fields.get('FORM_TYPE')?.[0]
  if (formType === undefined) return undefined
  fields.delete('FORM_TYPE')
  return { formType, fields: Object.fromEntries(fields) }
}

/** The question: `<query xmlns='http://jabber.org/protocol/disco#info'/>`, of a node if one is given. */
export const askDiscoInfo = (node?: string): Element => xml('query', { xmlns: nsDiscoInfo, node })

/** The first form of this type, if the answer has one. */
export function formOf(info: DiscoInfo, formType: string): Record<string, string[]> | undefined {
  return info.forms.find((form) => form.formType === formType)?.fields
}
