/** What people see and do of their own: shares, transfers, and ending one of them. */

import type { DataForm } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { ShareItem } from '../catalogue/values.js'
import { granted } from '../desk/refusing.js'
import type { OwnTransfer } from '../mediator/own-transfers.js'
import { type Command, chosen, fittingRows, type Stage, tableOf } from './commands.js'
import type { StockMeans } from './means.js'

/** What of the mediator these commands need. */
export interface TransfersOfPeers {
  /** Those of a peer that have not ended, newest first. */
  transfersOf(peer: string, most: number): OwnTransfer[]
  /** Stops one of a peer's. @throws Refused */
  abortFor(peer: string, sid: string): Promise<void>
}

/** Rows of a table: what a stanza takes at the most. */
const mostRows = 64

export function ownCommands({ catalogue }: StockMeans, transfers: TransfersOfPeers): Command[] {
  const sharesOf = async (peer: string) => {
    const { items } = granted(await catalogue.shares(peer, peer, { max: mostRows }))
    return items.map(({ value }) => value)
  }
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
        return {
          done: count(shares.length, 'share'),
          form: tableOf('What I share', columns, shares.map(shareRow)),
        }
      },
    },
    {
      node: 'my-transfers',
      name: 'My transfers',
      costs: 'browse',
      async run(asker) {
        const own = transfers.transfersOf(asker, mostRows)
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
          return asking('Which share?', 'share', options, 'There is nothing that you share.')
        }
        const id = chosen(filled, 'share')
        const share = shares.find((one) => one.share === id)
        if (share === undefined) throw Refused.by('not-found')
        granted(await catalogue.closeShare({ peer: asker, device: share.device, share: id }))
        return { done: `${share.name} is shared no longer.` }
      },
    },
    {
      node: 'abort',
      name: 'Stop a transfer',
      costs: 'register',
      async run(asker, filled) {
        if (filled === undefined) {
          const options = transfers.transfersOf(asker, mostRows).map((one) => ({
            value: one.sid,
            label: `${one.filename} ${one.isReceiving ? 'from' : 'to'} ${one.peer}`,
          }))
          return asking('Which transfer?', 'sid', options, 'No transfer of yours is under way.')
        }
        await transfers.abortFor(asker, chosen(filled, 'sid'))
        return { done: 'The transfer is stopped.' }
      },
    },
  ]
}

function asking(
  label: string,
  name: string,
  options: { value: string; label: string }[],
  none: string,
): Stage {
  if (options.length === 0) return { done: none }
  const form: DataForm = {
    type: 'form',
    title: label,
    fields: [
      { var: name, type: 'list-single', label, required: true, values: [], options: fittingRows(options) },
    ],
  }
  return { ask: form }
}

function shareRow({ name, share, files, bytes, tags, own }: ShareItem): Record<string, string> {
  const visible = own?.visibleTo.kind ?? ''
  return { name, files: String(files), bytes: String(bytes), visible, tags: tags.join(' '), id: share }
}

function transferRow({ sid, isReceiving, peer, filename, phase }: OwnTransfer): Record<string, string> {
  return { file: filename, way: isReceiving ? 'in' : 'out', peer, phase, sid }
}

const count = (many: number, what: string) => `${many} ${what}${many === 1 ? '' : 's'}`
