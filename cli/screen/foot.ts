/**
 * Lines at the foot of a terminal that change: what changes is drawn ten times a second at most, what is said comes above them at once. The cursor and the
 * wrapping of lines stay as they are: whoever stops or kills this has a terminal that works, and what is said is never cut.
 */
import { createLogUpdate } from 'log-update'

const betweenMs = 100

/** @returns a line of no more columns than these, fit for a terminal */
export type FootLine = (columns: number) => string

/** Where it is drawn. */
export type FootOutput = NodeJS.WritableStream & { columns?: number; rows?: number }

export class Foot {
  readonly #lines = new Map<string, FootLine>()
  readonly #drawing: ReturnType<typeof createLogUpdate>
  #timer: NodeJS.Timeout | undefined

  constructor(readonly out: FootOutput = process.stdout) {
    this.#drawing = createLogUpdate(out, { showCursor: true })
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0
  }

  /** The line of this key, from the next drawing on. */
  set(key: string, line: FootLine): void {
    this.#lines.set(key, line)
    this.#timer ??= setTimeout(() => this.#draw(), betweenMs).unref()
  }

  remove(key: string): void {
    if (this.#lines.delete(key)) this.#draw()
  }

  /** Writes above the lines. @param text without its last line feed */
  say(text: string): void {
    // The drawing would break long lines itself, and who copies a path out of one would copy the breaks.
    this.#drawing.clear()
    this.out.write(`${text}\n`)
    this.#draw()
  }

  /** Takes all lines away. */
  drop(): void {
    this.#lines.clear()
    this.#draw()
  }

  /** Leaves them as they are last, with what comes next below. */
  leave(): void {
    if (!this.isEmpty) this.#draw()
    this.#drawing.done()
    this.drop()
  }

  #draw(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const rows = this.#rows()
    if (rows.length === 0) this.#drawing.clear()
    else this.#drawing(rows.join('\n'))
  }

  /** As many as there is room for. */
  #rows(): string[] {
    const { columns = 80, rows: height = 24 } = this.out
    const most = Math.max(1, height - 2)
    const lines = [...this.#lines.values()]
    const shown = lines.slice(0, lines.length > most ? most - 1 : most).map((line) => line(columns))
    return lines.length > most ? [...shown, `… and ${lines.length - shown.length} more`] : shown
  }
}
