/** Says, once for each transfer, that nobody answers an offer or a request for a while, or goes on with what was begun. */
import { peerName, transferText } from './screen/sentences.js'
import type { Order, Report } from './words.js'

/** How long somebody at the other end may take before the wait is worth a line. */
const usualMs = 10_000
/** Commands that end when their transfers do: who waits there wants to know for whom. */
const endsItself: ReadonlySet<Order['order']> = new Set(['send', 'get', 'resume'])

/** Hears the reports of a command. */
export class Silence {
  #note: (text: string) => void
  #ms: number
  #waiting = new Map<number, { for: 'answer' | 'peer'; timer: NodeJS.Timeout }>()
  #said = new Set<string>()

  readonly #tellsOfWaits: boolean

  constructor(note: (text: string) => void, order: Order['order'], ms = usualMs) {
    this.#note = note
    this.#ms = ms
    this.#tellsOfWaits = endsItself.has(order)
  }

  hear(report: Report): void {
    if (report.report === 'failed' || report.report === 'finished') this.#over(report.no)
    if (report.report !== 'state') return
    const { no, state, trouble } = report
    if (state === 'proposed') {
      this.#later(
        no,
        'answer',
        `${transferText(report)}: no answer yet; they may be offline, or the address wrong. It stays open for a week; Ctrl-C leaves it standing.`,
      )
    } else if (state === 'waiting' && (trouble === undefined || trouble.code === 'unreachable')) {
      if (!this.#tellsOfWaits) return
      this.#later(
        no,
        'peer',
        `${transferText(report)}: ${peerName(report.peer)} is not there, or has not gone on with it. It goes on by itself when they do; Ctrl-C leaves it, and \`jabberfs serve\` goes on with it too.`,
      )
    } else if (state !== 'linking' || this.#waiting.get(no)?.for === 'answer') {
      // Tries for a connection come between the waits for somebody, and are no sign of him.
      this.#over(no)
    }
  }

  #later(no: number, what: 'answer' | 'peer', text: string): void {
    const once = `${no} ${what}`
    if (this.#said.has(once) || this.#waiting.get(no)?.for === what) return
    this.#over(no)
    const say = () => {
      this.#waiting.delete(no)
      this.#said.add(once)
      this.#note(text)
    }
    this.#waiting.set(no, { for: what, timer: setTimeout(say, this.#ms).unref() })
  }

  #over(no: number): void {
    clearTimeout(this.#waiting.get(no)?.timer)
    this.#waiting.delete(no)
  }

  stop(): void {
    for (const no of [...this.#waiting.keys()]) this.#over(no)
  }
}
