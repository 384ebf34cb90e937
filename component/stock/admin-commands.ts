/** What administrators see and do: figures, peers, taking back all that one has, and keeping somebody out. */

import { type DataForm, Malformed, parseJid } from '../../schemas/index.js'
import { granted } from '../desk/refusing.js'
import { type Command, chosen, fittingRows, tableOf } from './commands.js'
import type { StockMeans } from './means.js'

/** What administrators need beside the catalogue. */
export interface Administration {
  /** Figures of the running component. */
  figures(): Record<string, number | boolean>
  /** Keeps somebody out, or lets him in again: a bare JID or a domain. */
  keepOut(who: string, isKeptOut: boolean): Promise<void>
  keptOut(): readonly string[]
}

const mostPeers = 100

/** The figures in words; one that has none here goes by its own name. */
const figureWords: Record<string, string> = {
  loggedIn: 'Devices logged in to send and get',
  delivered: 'Messages delivered since the start',
  inFlight: 'Messages on their way',
  commits: 'Writes since the start',
  isWritable: 'State can be written',
  peers: 'People in the catalogue',
  devices: 'Devices in the catalogue',
  online: 'Of these online',
  shares: 'Shares',
  entries: 'Files shared',
  searches: 'Saved searches',
}

export function adminCommands({ catalogue }: StockMeans, administration: Administration): Command[] {
  return [
    {
      node: 'statistics',
      name: 'Statistics',
      isForAdmins: true,
      costs: 'search',
      async run() {
        const kept = await catalogue.statistics()
        const all = { ...administration.figures(), ...('kind' in kept ? {} : kept) }
        const fields = Object.entries(all).map(([name, value]) => ({
          var: name,
          type: 'text-single' as const,
          label: figureWords[name] ?? name,
          values: [String(value)],
        }))
        return { done: 'As of now.', form: { type: 'result', title: 'Statistics', fields } }
      },
    },
    {
      node: 'peers',
      name: 'Who shares something',
      isForAdmins: true,
      costs: 'search',
      async run(asker, filled) {
        // By pages: the last one that was shown is the mark of the next.
        const after = filled?.fields.find(({ var: name }) => name === 'after')?.values[0]
        const span = { max: mostPeers, ...(after ? { after } : {}) }
        const { items, isMore } = granted(await catalogue.peers(asker, 'all', span))
        const columns = { peer: 'Peer', online: 'Online', shares: 'Shares', files: 'Files', bytes: 'Bytes' }
        const rows = items.map(({ value: { peer, isOnline, shares, files, bytes } }) => ({
          peer,
          online: isOnline ? 'yes' : 'no',
          shares: String(shares),
          files: String(files),
          bytes: String(bytes),
        }))
        const done = isMore ? `More than ${rows.length}.` : `${rows.length} in all.`
        return { done, form: tableOf('Who shares something that you may see', columns, rows) }
      },
    },
    {
      node: 'remove-peer',
      name: 'Take back all that somebody shares',
      isForAdmins: true,
      costs: 'register',
      async run(_asker, filled) {
        if (filled === undefined) return { ask: whom('Whose?') }
        const peer = personIn(filled)
        const answer = await catalogue.removePeer(peer)
        if (answer.kind === 'not-found') return { failed: `${peer} has nothing here.` }
        granted(answer)
        return { done: `What ${peer} shared is taken back.` }
      },
    },
    {
      node: 'block',
      name: 'Keep somebody out',
      isForAdmins: true,
      costs: 'register',
      async run(asker, filled) {
        if (filled === undefined) return { ask: whom('Whom? A JID, or a domain.') }
        const who = whoIn(filled)
        if (who === asker || asker.endsWith(`@${who}`)) return { failed: 'That would be you, too.' }
        await administration.keepOut(who, true)
        const answer = await catalogue.removePeer(who)
        if (answer.kind !== 'not-found') granted(answer)
        return { done: `${who} is kept out.` }
      },
    },
    {
      node: 'unblock',
      name: 'Let somebody in again',
      isForAdmins: true,
      costs: 'register',
      async run(_asker, filled) {
        const keptOut = administration.keptOut()
        if (filled !== undefined) {
          const who = whoIn(filled)
          if (!keptOut.includes(who)) return { failed: `${who} is not kept out.` }
          await administration.keepOut(who, false)
          return { done: `${who} is let in again.` }
        }
        if (keptOut.length === 0) return { done: 'Nobody is kept out.' }
        const options = fittingRows(keptOut.map((value) => ({ value })))
        return {
          ask: { ...whom('Whom?'), fields: [{ ...whomField('Whom?'), type: 'list-single', options }] },
        }
      },
    },
  ]
}

const whomField = (label: string) => ({
  var: 'who',
  type: 'text-single' as const,
  label,
  required: true,
  values: [],
})

const whom = (label: string): DataForm => ({ type: 'form', title: label, fields: [whomField(label)] })

/** A bare JID or a domain. @throws Malformed */
function whoIn(form: DataForm): string {
  const jid = parseJid(chosen(form, 'who'))
  if (jid === undefined || jid.resource !== undefined)
    throw new Malformed('command/x/field (who)', 'not a JID')
  return jid.bare
}

function personIn(form: DataForm): string {
  const who = whoIn(form)
  if (!who.includes('@')) throw new Malformed('command/x/field (who)', 'not a person')
  return who
}
