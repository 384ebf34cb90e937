/** Says, once for each transfer, that an offer or a request has had no answer for a while. */
import { transferText } from './screen/sentences.js'
import type { Report } from './words.js'

/** How long somebody at the other end may take before the wait is worth a line. */
const usualMs = 10_000

/** Hears the reports of a command. */
export class Silence {
  #note: (text: string) => void
  #ms: number
  #waiting = new Map<number, NodeJS.Timeout>()
  #said = new Set<number>()

  constructor(note: (text: string) => void, ms = usualMs) {
    this.#note = note
    this.#ms = ms
  }

  hear(report: Report): void {
    if (report.report === 'state' && report.state === 'proposed') {
      const { no } = report
      if (this.#said.has(no) || this.#waiting.has(no)) return
      const say = () => {
        this.#waiting.delete(no)
        this.#said.add(no)
        this.#note(
          `${transferText(report)}: no answer yet; they may be offline, or the address wrong. It stays open for a week; Ctrl-C leaves it standing.`,
        )
      }
      this.#waiting.set(no, setTimeout(say, this.#ms).unref())
    } else if (report.report === 'state' || report.report === 'failed' || report.report === 'finished') {
      clearTimeout(this.#waiting.get(report.no))
      this.#waiting.delete(report.no)
    }
  }

  stop(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer)
    this.#waiting.clear()
  }
}
