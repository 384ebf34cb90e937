/** Reports about devices, as sentences. Digits and ids are ours; addresses go through showable(). */
import type { DeviceStanding } from '../../client-plugin/index.js'
import type { DeviceReport } from '../device-words.js'
import { showable } from '../showable.js'
import { countText, dayText } from '../units.js'

const standingWords: Record<DeviceStanding, string> = {
  'first-use': 'trusted on first use',
  person: 'trusted by your word',
  verified: 'verified: digits compared',
  revoked: 'not trusted any more',
}

/** So much of an id is enough to tell devices of one person apart, and to type. */
const shortId = (device: string): string => device.slice(0, 16)
const person = (jid: string): string => showable(jid, 80)

/** The question about a device that is not known, for a terminal. */
export function deviceQuestion(report: Extract<DeviceReport, { report: 'unknown-device' }>): string {
  const { peer, device, digits, ownDigits, known } = report
  const others =
    known === 0 ? '' : ` You know ${countText(known, 'other device')} of theirs, and this is none of them.`
  return `${person(peer)} shows a device that is not known here: ${shortId(device)}.${others}
  Nothing has been sent to it. It may be new; or somebody is in between. Ask them for its digits:
    theirs  ${digits}
    yours   ${ownDigits}
  trust it?`
}

/** A line, or two, for each. */
export function deviceSentence(report: DeviceReport): string | undefined {
  switch (report.report) {
    case 'own-device':
      return `this device  ${shortId(report.device)}\n  ${report.digits}`
    case 'device': {
      const { peer, device, standing, firstSeen, lastSeen, digits } = report
      const when = `first met ${dayText(firstSeen)}, last ${dayText(lastSeen)}`
      return `${person(peer)}  ${shortId(device)}  ${standingWords[standing]}, ${when}\n  ${digits}`
    }
    case 'unknown-device': {
      if (report.asked) return undefined
      const { peer, device, digits, transfers } = report
      const waits = transfers === 1 ? '1 transfer waits' : `${countText(transfers)} transfers wait`
      const todo = `\`jabberfs trust ${person(peer)} ${shortId(device)}\``
      return `${person(peer)}  ${shortId(device)}  not known; ${waits} for ${todo}\n  ${digits}`
    }
    case 'trusted': {
      const { peer, device, standing, digits, goesOn } = report
      const said = `${person(peer)}  ${shortId(device)}  ${standingWords[standing]}`
      const moves = goesOn === 0 ? '' : `; ${countText(goesOn, 'transfer')} of it goes on`
      if (standing === 'verified') return said + moves
      const todo = `once you have compared them, type \`jabberfs trust ${person(peer)} ${shortId(device)} --verified\``
      return `${said}${moves}\n  ${digits}\n  ${todo}`
    }
    case 'forgotten': {
      const { peer, device } = report
      if (device === undefined) return `${person(peer)} is forgotten: the next device is the first one again`
      return `${person(peer)}  ${shortId(device)}  ${standingWords.revoked}`
    }
    case 'no-devices':
      return report.peer === undefined
        ? 'no device of anybody else is known yet'
        : `no device of ${person(report.peer)} is known yet`
  }
}
