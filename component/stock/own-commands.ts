/**
 * What people see and do of their own: shares, transfers, and ending one of them. Where there are more than a form has room for, the
 * one that is meant can be written as well.
 */

import { type DataForm, type FormField, valueIn } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { ShareItem } from '../catalogue/values.js'
import { granted } from '../desk/refusing.js'
import type { OwnTransfer } from '../mediator/own-transfers.js'
import { type Command, chosen, fittingRows, type Stage, tableOf } from './commands.js'
import type { StockMeans } from './means.js'
import { allSharesOf } from './places.js'

/** What of the mediator these commands need. */
export interface TransfersOfPeers {
  /** Those of a peer that have not ended, newest first. */
  transfersOf(peer: string, most: number): Promise<OwnTransfer[]>
  /** Stops one of a peer's. @throws Refused */
  abortFor(peer: string, sid: string): Promise<void>
}

/** Rows of a table, and choices: what a stanza takes at the most. */
const mostRows = 64
/** What is written goes before what is chosen. */
const written = 'written'

export function ownCommands({ catalogue }: StockMeans, transfers: TransfersOfPeers): Command[] {
  const sharesOf = (peer: string) => allSharesOf(catalogue, peer, peer)
  return [
    {
      node: 'my-shares',
      name: 'What I share',
      costs: 'browse',
      async run(asker) {
        const shares = await sharesOf(asker)
        const columns = {
          name: 'Name',
          files: 'Files',
          bytes: 'Bytes',
          visible: 'For',
          tags: 'Tags',
          id: 'Id',
        }
        const form = tableOf('What I share', columns, shares.slice(0, mostRows).map(shareRow))
        return { done: shownOf(form.items?.length ?? 0, shares.length), form }
      },
    },
    {
      node: 'my-transfers',
      name: 'My transfers',
      costs: 'browse',
      async run(asker) {
        const own = await transfers.transfersOf(asker, mostRows)
        const columns = { file: 'File', way: 'Way', peer: 'With', phase: 'State', sid: 'Id' }
        return {
          done: count(own.length, 'transfer'),
          form: tableOf('My transfers', columns, own.map(transferRow)),
        }
      },
    },
    {
      node: 'unshare',
      name: 'Share something no longer',
      costs: 'register',
      async run(asker, filled) {
        const shares = await sharesOf(asker)
        if (filled === undefined) {
          const options = shares.map(({ share, name, files }) => ({
            value: share,
            label: `${name} (${files} files)`,
          }))
          const none = 'There is nothing that you share.'
          return asking('Which share?', 'share', options, none, 'Or another, by its name or id')
        }
        const named = meant(filled, 'share')
        const share = shares.find((one) => one.share === named) ?? theOnlyOne(shares, named)
        if (share === 'several')
          return { failed: `Several of your shares are called ${named}: write the id.` }
        if (share === undefined) throw Refused.by('not-found')
        granted(await catalogue.closeShare({ peer: asker, device: share.device, share: share.share }))
        return { done: `${share.name} is shared no longer.` }
      },
    },
    {
      node: 'abort',
      name: 'Stop a transfer',
      costs: 'register',
      async run(asker, filled) {
        if (filled === undefined) {
          const own = await transfers.transfersOf(asker, mostRows + 1)
          const options = own.map((one) => ({
            value: one.sid,
            label: `${one.filename} ${one.isReceiving ? 'from' : 'to'} ${one.peer}`,
          }))
          const none = 'No transfer of yours is under way.'
          return asking('Which transfer?', 'sid', options, none, 'Or another, by its id')
        }
        await transfers.abortFor(asker, meant(filled, 'sid'))
        return { done: 'The transfer is stopped.' }
      },
    },
  ]
}

function asking(
  label: string,
  name: string,
  all: { value: string; label: string }[],
  none: string,
  orAnother: string,
): Stage {
  if (all.length === 0) return { done: none }
  const options = fittingRows(all.slice(0, mostRows))
  const isAll = options.length === all.length
  const list: FormField = { var: name, type: 'list-single', label, required: isAll, values: [], options }
  const other: FormField = { var: written, type: 'text-single', label: orAnother, values: [] }
  const form: DataForm = { type: 'form', title: label, fields: isAll ? [list] : [list, other] }
  return { ask: form }
}

/** What was written, or chosen of the list. @throws Malformed if neither was */
function meant(filled: DataForm, name: string): string {
  return valueIn(filled, written)?.trim() || chosen(filled, name)
}

function theOnlyOne(shares: readonly ShareItem[], named: string): ShareItem | 'several' | undefined {
  const [first, second] = shares.filter(({ name }) => name === named)
  return second === undefined ? first : 'several'
}

const shownOf = (shown: number, all: number): string =>
  shown === all ? count(all, 'share') : `${count(all, 'share')}; the first ${shown} are shown`

function shareRow({ name, share, files, bytes, tags, own }: ShareItem): Record<string, string> {
  const visible = own?.visibleTo.kind ?? ''
  return { name, files: String(files), bytes: String(bytes), visible, tags: tags.join(' '), id: share }
}

function transferRow({ sid, isReceiving, peer, filename, phase }: OwnTransfer): Record<string, string> {
  return { file: filename, way: isReceiving ? 'in' : 'out', peer, phase, sid }
}

const count = (many: number, what: string) => `${many} ${what}${many === 1 ? '' : 's'}`
