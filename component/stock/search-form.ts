/** The form of a search (XEP-0055): what can be asked for, and what it means (docs/catalogue.md, "Stock clients"). */

import {
  type Criteria,
  type DataForm,
  type FormField,
  isSet,
  Malformed,
  maxFilesize,
  maxTag,
  maxWords,
  nsSearch,
  parseJid,
  valueIn,
} from '../../schemas/index.js'

export const instructions =
  'Words are parts of file names and folders. gret* is the beginning of a word, *tchen a part of one.'

const kinds = ['audio', 'video', 'image', 'text', 'application']

const formType: FormField = { var: 'FORM_TYPE', type: 'hidden', values: [nsSearch] }

/** The empty form. */
export const searchForm: DataForm = {
  type: 'form',
  title: 'Search for files',
  instructions,
  fields: [
    formType,
    { var: 'words', type: 'text-single', label: 'Words', values: [] },
    {
      var: 'kind',
      type: 'list-single',
      label: 'Kind of file',
      values: ['any'],
      options: [
        { label: 'Any', value: 'any' },
        ...kinds.map((value) => ({ label: value[0]!.toUpperCase() + value.slice(1), value })),
      ],
    },
    { var: 'tag', type: 'text-single', label: 'Tag', values: [] },
    { var: 'min-size', type: 'text-single', label: 'At least so large (300 kB, 2 MB)', values: [] },
    { var: 'max-size', type: 'text-single', label: 'At most so large', values: [] },
    { var: 'peer', type: 'text-single', label: 'Only what this person has (JID)', values: [] },
    { var: 'online', type: 'boolean', label: 'Only from people who are online', values: ['0'] },
  ],
}

/** Columns of the results. `jid` is a source. */
export const columns: FormField[] = [
  { var: 'name', type: 'text-single', label: 'Name', values: [] },
  { var: 'folder', type: 'text-single', label: 'Folder', values: [] },
  { var: 'size', type: 'text-single', label: 'Bytes', values: [] },
  { var: 'type', type: 'text-single', label: 'Type', values: [] },
  { var: 'people', type: 'text-single', label: 'People', values: [] },
  { var: 'online', type: 'text-single', label: 'Online', values: [] },
  { var: 'jid', type: 'jid-single', label: 'From', values: [] },
  { var: 'node', type: 'text-single', label: 'Where', values: [] },
  { var: 'root', type: 'text-single', label: 'Hash', values: [] },
]

/** The results as a form. */
export function resultsForm(items: Record<string, string>[], count: number | undefined): DataForm {
  const title =
    count === undefined ? `${items.length} found, there may be more` : `${items.length} of ${count} found`
  return { type: 'result', title, fields: [formType], reported: columns, items }
}

/** What somebody filled in. @throws Malformed with the field that cannot be read */
export function criteriaIn(form: DataForm): Criteria {
  const text = (name: string, longest: number) => {
    const value = valueIn(form, name)?.trim()
    if (value === undefined || value === '') return undefined
    if ([...value].length > longest) throw bad(name, 'too long')
    return value
  }
  const words = text('words', maxWords)
  const kind = text('kind', 127)?.toLowerCase()
  if (kind !== undefined && !/^[a-z0-9][\w!#$&^.+-]*(\/[\w!#$&^.+-]+)?$/.test(kind))
    throw bad('kind', 'not a kind')
  const tag = text('tag', maxTag)?.normalize('NFC').toLowerCase()
  if (tag !== undefined && !/^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]*$/u.test(tag)) throw bad('tag', 'not a tag')
  const min = sizeIn('min-size', text('min-size', 32))
  const max = sizeIn('max-size', text('max-size', 32))
  const peer = text('peer', 3_071)
  const jid = peer === undefined ? undefined : parseJid(peer)
  if (peer !== undefined && jid === undefined) throw bad('peer', 'not a JID')
  return {
    ...(words !== undefined && { words }),
    ...((min !== undefined || max !== undefined) && { size: { min, max } }),
    types: kind === undefined || kind === 'any' ? [] : [kind],
    tags: tag === undefined ? [] : [tag],
    ...(jid !== undefined && { peer: jid.bare }),
    online: isSet(form, 'online'),
  } as Criteria
}

const units: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** `300`, `300 kB`, `1.5 MB`, `2 GiB`: bytes. */
function sizeIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, digits, unit = '', binary] = /^(\d{1,15}(?:[.,]\d{1,3})?)\s*([kmgt]?)(i?)b?$/i.exec(text) ?? []
  if (digits === undefined) throw bad(name, 'not a size')
  const letter = unit.toLowerCase()
  const factor = binary ? 1024 ** 'kmgt'.indexOf(letter) * 1024 : units[letter]!
  const bytes = Math.round(Number(digits.replace(',', '.')) * factor)
  if (bytes > maxFilesize) throw bad(name, 'too large')
  return bytes
}

const bad = (name: string, why: string) => new Malformed(`query/x/field (${name})`, why)
