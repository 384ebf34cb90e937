/** Reports as sentences. Everything a peer wrote goes through showable() here, and only here. */
import type { TransferState } from '../../client-plugin/index.js'
import { showable } from '../showable.js'
import { bytesText, countText, rateText } from '../units.js'
import type { Named, Report, Trouble } from '../words.js'
import { catalogueSentence } from './catalogue-sentences.js'
import { deviceSentence } from './device-sentences.js'
import { doctorSentence } from './doctor-sentences.js'
import { pathAndWhy, pathSentence, pathText } from './path-sentences.js'
import { wholeCount } from './tables.js'

const nameColumns = 120
const peerColumns = 80

const stateWords: Record<TransferState, string> = {
  proposed: 'waits for an answer',
  countered: 'the other side has another file of that name',
  queued: 'waits for its turn',
  linking: 'looks for a connection',
  moving: 'moves',
  waiting: 'waits for the other side; goes on by itself',
  paused: 'paused',
  aborting: 'aborted; over when the other side has heard of it',
  complete: 'complete',
  declined: 'declined',
  aborted: 'aborted',
  taken: 'taken by another device',
  expired: 'expired',
  failed: 'failed',
}

/** A sentence with its full stop: what is wrong exactly may have come last, without one. */
const whole = (says: string): string => showable(says, 2_000).replace(/(?<![.!?…])$/, '.')

/** One trouble on one line: what is wrong and what to do. */
export function troubleLine(trouble: Trouble): string {
  return `${whole(trouble.says)} ${showable(trouble.todo)}`
}

export const fileName = (name: string): string => showable(name, nameColumns)
export const peerName = (jid: string): string => showable(jid, peerColumns)

/** `my_girl.jpg (35.0 kB) to mephisto@goethe.example` */
export function transferText({ filename, filesize, direction, peer }: Named): string {
  const size = filesize === undefined ? '' : ` (${bytesText(filesize)})`
  return `${fileName(filename)}${size} ${direction === 'sending' ? 'to' : 'from'} ${peerName(peer)}`
}

/** What a change of state says on a line of its own; undefined where a bar, or the end, says more. */
export function stateText(report: Extract<Report, { report: 'state' }>): string | undefined {
  switch (report.state) {
    case 'queued': {
      const place =
        report.place === undefined ? '' : `, as number ${countText(report.place)} of the other side’s queue`
      return `${transferText(report)}: ${stateWords.queued}${place}`
    }
    case 'proposed':
    case 'countered':
    case 'waiting':
      // It is for the person here to see to, although it goes on by itself then.
      if (report.trouble?.code === 'no-space' || report.trouble?.code === 'io') {
        return `${transferText(report)}: waiting. ${whole(report.trouble.says)} It is tried again by itself.`
      }
      if (report.trouble?.code === 'no-relay') {
        return `${transferText(report)}: waiting. ${whole(report.trouble.says)} ${report.trouble.todo}`
      }
      if (report.trouble?.code === 'no-space-there') {
        return `${transferText(report)}: ${whole(report.trouble.says)} It stands, and they are to make room.`
      }
      if (report.trouble?.code === 'no-source') {
        return `${transferText(report)}: ${whole(report.trouble.says)} It goes on by itself when somebody is.`
      }
      return `${transferText(report)}: ${stateWords[report.state]}`
    case 'aborting':
      // Where somebody is there it is over at once.
      return `${transferText(report)}: is being aborted`
    case 'paused':
      // Paused here, it says so itself as the end of this command's work on it.
      if (report.trouble) return undefined
      return `${transferText(report)}: paused by the other side; goes on when they resume it`
    default:
      return undefined
  }
}

/** What to type to go on. */
const resumeHint = (key: string): string => `\`jabberfs resume ${showable(key, 70)}\` goes on`

/** As a transfer is shown that was left and is not paused. */
const standing: ReadonlySet<TransferState> = new Set(['proposed', 'countered', 'queued', 'waiting'])

/** Where a transfer was left: what nobody has answered yet does not pause, it stands. */
function restText({ state, direction, key }: Extract<Report, { report: 'failed' }>): string {
  if (!standing.has(state)) return `paused; ${resumeHint(key)}`
  const stands = direction === 'sending' ? 'still offered' : 'still asked for'
  return `${stands}; \`jabberfs resume ${showable(key, 70)}\` waits on`
}

/** Whose offers are heard: who waits for a stranger's is to see that there is no use. */
function heardText(from: readonly string[]): string {
  if (from.includes('everybody')) return 'everybody'
  const words = from.map((who) => (who === 'contacts' ? 'your contacts' : showable(who, peerColumns)))
  return words.join(', ').replace(/, ([^,]*)$/, ' and $1')
}

/** The question of an offer, for a terminal. */
export function offerQuestion(report: Extract<Report, { report: 'offer' }>): string {
  const words = report.description === undefined ? '' : `\n  “${showable(report.description)}”`
  const who = report.contact ? '' : ' (none of your contacts)'
  const what = `${fileName(report.filename)} (${bytesText(report.filesize)})`
  return `${peerName(report.peer)}${who} offers ${what}${words}\n  accept?`
}

/** The question of another file than the wanted one. */
export function counterQuestion(report: Extract<Report, { report: 'counter' }>): string {
  const other = `${fileName(report.offered)} (${bytesText(report.offeredSize)})`
  return `${peerName(report.peer)} has another file under that name: ${other}\n  take it?`
}

/** Under a page of a list. */
export function pageQuestion({ of, shown, count }: Extract<Report, { report: 'page' }>): string {
  return count === undefined
    ? `${countText(shown)}, and more:`
    : `${countText(shown)} of ${wholeCount(of, count)}:`
}

function folderText(report: Extract<Report, { report: 'folder-got' }>): string {
  const { peer, path, fetched, bytes, there, failed, isWhole } = report
  const parts = [
    `${countText(fetched, 'file')} fetched (${bytesText(bytes)})`,
    ...(there > 0 ? [`${countText(there)} here already`] : []),
    ...(failed > 0 ? [`${countText(failed)} not`] : []),
  ]
  const rest = isWhole ? '' : '; that is not all: the same command goes on'
  return `${showable(path, nameColumns)}/ from ${peerName(peer)}: ${parts.join(', ')}${rest}`
}

/** A line for whatever is worth one; undefined for what only a bar shows. */
export function sentence(report: Report): string | undefined {
  switch (report.report) {
    case 'account':
      return `${showable(report.jid)} is set in ${showable(report.file)}`
    case 'connected':
      return `${report.jid} is connected to ${showable(report.component)}`
    case 'away':
      // No waiting mends that.
      if (report.code === 'wrong-password') return troubleLine(report)
      return `${whole(report.says)} It is tried again by itself.`
    case 'back':
      return 'connected again'
    case 'relayed':
      return `through the jabberfs that runs already (process ${report.pid})`
    case 'held-by-another':
      return `another jabberfs (process ${report.pid}) has the account’s state; goes on when that ends`
    case 'nothing':
      return 'nothing is unfinished'
    case 'listening': {
      const serve =
        report.serve === undefined ? '' : `, the files of ${showable(report.serve)} may be asked for`
      const from = report.from === undefined ? '' : ` from ${heardText(report.from)}`
      // Who begins with new accounts has no contacts, and would wait without knowing why.
      const others = report.from?.join() === 'contacts' ? '; --from WHO hears others, too' : ''
      return `waiting for files${from}, to be put into ${showable(report.into)}${serve} (Ctrl-C ends${others})`
    }
    case 'offer': {
      if (report.asked) return undefined
      const what = `${peerName(report.peer)} offers ${fileName(report.filename)} (${bytesText(report.filesize)})`
      return report.description === undefined ? what : `${what}: “${showable(report.description)}”`
    }
    case 'offer-gone': {
      const ends = {
        taken: 'taken by another device of yours',
        'taken-here': 'taken by another jabberfs of yours that runs here',
        withdrawn: 'they have taken it back',
        expired: 'its time is over',
      }
      return `${fileName(report.filename)} from ${peerName(report.peer)}: ${ends[report.why]}`
    }
    case 'request': {
      const end = { sent: 'sending it', 'not-found': 'there is no such file', policy: 'not allowed' }
      return `${peerName(report.peer)} asks for ${fileName(report.filename)}: ${end[report.answer]}`
    }
    case 'counter':
      return `${peerName(report.peer)} has another file under that name: ${fileName(report.offered)} (${bytesText(report.offeredSize)})`
    case 'transfer': {
      // Of what an offer or a request only stands for, nobody knows how much is there.
      const known = report.filesize && report.bytes > 0
      const { devices } = report
      const isSplit = report.state === 'complete' && devices !== undefined
      const share = isSplit
        ? ` for ${countText(devices.have)} of ${countText(devices.of, 'device')}`
        : known
          ? ` ${Math.floor((100 * report.bytes) / report.filesize!)} %`
          : ''
      const path = report.path ? ` ${pathText(report.path)}` : ''
      const why = report.trouble ? ` (${showable(report.trouble.says)})` : ''
      // By itself it goes on only where somebody runs, and a list does not say so.
      const state = report.state === 'waiting' ? 'waits for the other side' : stateWords[report.state]
      const stand = `${showable(report.key, 70)}  ${state}${share}${path}`
      if (report.device !== undefined)
        return `  ${stand}  to their device ${report.device.slice(0, 16)}${why}`
      const before =
        report.earlierKey === undefined
          ? ''
          : `, known as ${showable(report.earlierKey, 70)} until it was accepted`
      return `${stand}  ${transferText(report)}${why}${before}`
    }
    case 'finished':
      if (report.wasThere)
        return `${showable(report.path, 400)} is here already, the same; nothing was fetched`
      if (report.stands) {
        const key = showable(report.key, 70)
        return `${transferText(report)}: arrived, verified; it stands for their other devices: \`jabberfs serve\` sends it there, \`jabberfs abort ${key}\` takes it back`
      }
      return `${transferText(report)}: ${report.direction === 'sending' ? 'arrived, verified' : `verified, ${showable(report.path, 400)}`}`
    case 'folder-got':
      return folderText(report)
    case 'failed': {
      if (report.code === 'paused' || (report.code === 'stopped' && report.state !== 'aborting')) {
        return `${transferText(report)}: ${restText(report)}`
      }
      if (report.state === 'aborting') {
        const isOurs = report.code === 'aborted' || report.code === 'stopped'
        const why = isOurs ? 'aborted.' : whole(report.says)
        return `${transferText(report)}: ${why} It is over when their device has heard of it; until then \`jabberfs transfers\` lists it.`
      }
      if (report.code === 'unanswered') {
        return `${transferText(report)}: ${whole(report.says)} ${showable(report.todo)}`
      }
      if (report.direction === 'receiving' && (report.code === 'not-found' || report.code === 'declined')) {
        const says = /: policy\.?$/.test(report.says)
          ? 'The other side does not allow this.'
          : whole(report.says)
        return `${transferText(report)}: ${says} \`jabberfs browse ${peerName(report.peer)}\` shows what they share.`
      }
      // With a colon there is a reason to show.
      if (report.code === 'declined' && !report.says.includes(':')) {
        return `${transferText(report)}: ${peerName(report.peer)} declined it.`
      }
      // Only who sends it can do that.
      const todo =
        report.direction === 'receiving' && report.code === 'source-changed'
          ? 'What is there now has to be offered, or asked for, anew: versions are never mixed.'
          : showable(report.todo)
      const hint = report.resumable ? `When that is done, ${resumeHint(report.key)}.` : ''
      return `${transferText(report)}: ${whole(report.says)} ${todo} ${hint}`.trimEnd()
    }
    case 'left': {
      const kept = `the ${bytesText(report.bytes)} that came are kept for ${countText(report.days, 'day')}, and the same file goes on from there`
      const discard = `\`jabberfs abort ${showable(report.key, 70)} --discard\` removes them now`
      return `${fileName(report.filename)}: ${kept} (${showable(report.path, 400)}); ${discard}`
    }
    case 'discarded':
      return report.removed ? 'what had come of it is removed' : 'nothing is kept of it'
    case 'error':
      return troubleLine(report)
    case 'path':
    case 'no-paths':
      return pathSentence(report)
    case 'finding':
    case 'diagnosed':
      return doctorSentence(report)
    case 'own-device':
    case 'device':
    case 'unknown-device':
    case 'trusted':
    case 'forgotten':
    case 'no-devices':
      return deviceSentence(report)
    default:
      return catalogueSentence(report)
  }
}

/** `45 %, 12.3 MB of 48.0 MB, 85 MB/s`; without a rate where nobody knows one yet. */
export function progressText(report: Extract<Report, { report: 'progress' }>): string {
  const { bytes, total, bytesPerSecond } = report
  const share = total === 0 ? 100 : Math.floor((100 * bytes) / total)
  const rate = bytesPerSecond > 0 ? `, ${rateText(bytesPerSecond)}` : ''
  return `${share} %, ${bytesText(bytes)} of ${bytesText(total)}${rate}`
}

/** Said once for each path that is not straight: which, and why no cheaper one; undefined for a straight one. */
export function detourText({ filename, path }: Extract<Report, { report: 'progress' }>): string | undefined {
  if (path === undefined || path.kind === 'direct') return undefined
  return `${fileName(filename)}: ${pathAndWhy(path)}`
}

/** Said once where a transfer does not begin at the first byte; undefined where it does. */
export function resumedText(report: Extract<Report, { report: 'progress' }>): string | undefined {
  if (report.resumedFrom === 0) return undefined
  return `${fileName(report.filename)}: goes on from ${bytesText(report.resumedFrom)}`
}
