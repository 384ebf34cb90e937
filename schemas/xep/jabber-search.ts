/**
 * Searching as stock clients do: XEP-0055 with a data form (the plain fields of the XEP are those of a directory of
 * people, so only the form is offered). Whoever speaks `jabberfs:catalogue:1` has no use for it.
 */

import { inside, Malformed } from '../malformed.js'
import { nsDataForms, nsRsm, nsSearch } from '../names.js'
import { childOf, type Element, isElement, xml } from '../xml.js'
import { type DataForm, readForm, writeForm } from './data-form.js'
import { type PageGiven, type PageWanted, pageGiven, pageWanted } from './rsm.js'

/** What somebody submits, and which page of the results he wants. */
export interface FormSearch {
  form: DataForm
  page?: PageWanted
}

/** The question for the form, and the fields of a search. */
export const askSearchForm = (): Element => xml('query', { xmlns: nsSearch })

/** Writes the form, with words for those clients that show no forms; or the results, with the page they are. */
export function writeSearchForm(form: DataForm, instructions?: string, page?: PageGiven): Element {
  return xml(
    'query',
    { xmlns: nsSearch },
    instructions !== undefined && xml('instructions', null, instructions),
    writeForm(form),
    page && pageGiven.write(page),
  )
}

/** Writes a search by form. */
export function writeFormSearch({ form, page }: FormSearch): Element {
  return xml('query', { xmlns: nsSearch }, writeForm(form), page && pageWanted.write(page))
}

/**
 * Reads a search by form.
 * @throws Malformed without a form that was submitted, for instance from a client that filled in plain fields
 */
export function readFormSearch(query: Element): FormSearch {
  if (!isElement(query, 'query', nsSearch)) throw new Malformed('query', 'not this element')
  const x = childOf(query, 'x', nsDataForms)
  if (!x) throw new Malformed('query/x', 'missing')
  const form = inside('query', () => readForm(x))
  if (form.type !== 'submit') throw new Malformed('query/x/@type', 'not submitted')
  const set = childOf(query, 'set', nsRsm)
  return set ? { form, page: inside('query', () => pageWanted.read(set)) } : { form }
}
