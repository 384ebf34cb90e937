/**
 * Lines at the foot of a terminal that change: drawn over ten times a second at most, what is said comes above them. The cursor and the
 * wrapping of lines stay as they are: whoever stops or kills this has a terminal that works, and what is said is never cut.
 */

const betweenMs = 100

/** @returns a line of no more columns than these, fit for a terminal */
export type FootLine = (columns: number) => string

export class Foot {
  readonly #lines = new Map<string, FootLine>()
  /** Rows that stand on the terminal now; the cursor is in the last one. */
  #drawn = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly out: Pick<NodeJS.WriteStream, 'write'> & { columns?: number; rows?: number } = process.stdout,
  ) {}

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
    this.#draw(`${text}\n`)
  }

  /** Takes all lines away. */
  drop(): void {
    this.#lines.clear()
    this.#draw()
  }

  /** Leaves them as they are last, with what comes next below. */
  leave(): void {
    if (!this.isEmpty) this.#draw()
    if (this.#drawn > 0) this.out.write('\n')
    this.#drawn = 0
    this.drop()
  }

  #draw(said = ''): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const rows = this.#rows()
    const up = this.#drawn > 1 ? `\x1b[${this.#drawn - 1}A` : ''
    const over = this.#drawn > 0 ? `\r${up}\x1b[J` : ''
    this.#drawn = rows.length
    const text = `${over}${said}${rows.join('\n')}`
    if (text !== '') this.out.write(text)
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
