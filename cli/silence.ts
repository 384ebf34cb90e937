/**
 * Says, once for each transfer, that nobody answers an offer or a request for a while, or goes on with what was begun; in one line for all that
 * wait for the same person then.
 */
import { peerName, transferText } from './screen/sentences.js'
import { showable } from './showable.js'
import type { Order, Report } from './words.js'

/** How long somebody at the other end may take before the wait is worth a line. */
const usualMs = 10_000
/** Where somebody waits for what he has begun, and wants to know for whom. */
const isWaitedAt: ReadonlySet<Order['order']> = new Set(['send', 'get', 'resume', 'receive'])

type Awaited = 'answer' | 'peer'

interface Wait {
  for: Awaited
  /** Whose transfer it is. */
  of: Extract<Report, { report: 'state' }>
  timer: NodeJS.Timeout
}

/** Hears the reports of a command. */
export class Silence {
  #note: (text: string) => void
  #ms: number
  #waiting = new Map<number, Wait>()
  #said = new Set<string>()

  readonly #tellsOfWaits: boolean

  constructor(note: (text: string) => void, order: Order['order'], ms = usualMs) {
    this.#note = note
    this.#ms = ms
    this.#tellsOfWaits = isWaitedAt.has(order)
  }

  hear(report: Report): void {
    if (report.report === 'failed' || report.report === 'finished') this.#over(report.no)
    if (report.report !== 'state') return
    const { no, state, trouble } = report
    if (state === 'proposed') {
      this.#later(report, 'answer')
    } else if (state === 'waiting' && (trouble === undefined || trouble.code === 'unreachable')) {
      if (this.#tellsOfWaits) this.#later(report, 'peer')
    } else if (state !== 'linking' || this.#waiting.get(no)?.for === 'answer') {
      // Tries for a connection come between the waits for somebody, and are no sign of him.
      this.#over(no)
    }
  }

  #later(of: Wait['of'], what: Awaited): void {
    const { no } = of
    if (this.#said.has(`${no} ${what}`) || this.#waiting.get(no)?.for === what) return
    this.#over(no)
    this.#waiting.set(no, { for: what, of, timer: setTimeout(() => this.#say(of, what), this.#ms).unref() })
  }

  #say(of: Wait['of'], what: Awaited): void {
    const { peer, direction, key } = of
    let many = 0
    for (const [no, wait] of [...this.#waiting]) {
      if (wait.for !== what || wait.of.peer !== peer || wait.of.direction !== direction) continue
      many++
      this.#over(no)
      this.#said.add(`${no} ${what}`)
    }
    const all = `${many} files ${direction === 'sending' ? 'to' : 'from'} ${peerName(peer)}`
    this.#note(`${many > 1 ? all : transferText(of)}: ${told(what, peer, many > 1 ? undefined : key)}`)
  }

  #over(no: number): void {
    clearTimeout(this.#waiting.get(no)?.timer)
    this.#waiting.delete(no)
  }

  stop(): void {
    for (const no of [...this.#waiting.keys()]) this.#over(no)
  }
}

/** @param key of the one that is meant; undefined where they are several */
function told(what: Awaited, peer: string, key: string | undefined): string {
  const areMany = key === undefined
  const them = areMany ? 'them' : 'it'
  if (what === 'answer') {
    const stand = areMany ? 'They stay' : 'It stays'
    return `no answer yet; they may be offline, or the address wrong. ${stand} open for a week; Ctrl-C leaves ${them} standing.`
  }
  const on = areMany ? 'They go on by themselves' : 'It goes on by itself'
  return `${peerName(peer)} is not there, or has not gone on with ${them}. ${on} when they do; Ctrl-C leaves ${them}, and \`jabberfs serve\` goes on with ${them} too. Where their device is no more, \`jabberfs abort ${showable(key ?? 'KEY', 70)}\` ends ${them}.`
}
