/** Bars at the foot of a terminal: one for each thing that comes on, under a name, with figures behind it. */
import { MultiBar, type SingleBar } from 'cli-progress'
import { columnsOf, showable } from '../showable.js'

interface Payload {
  name: string
  figures: string
}

export class Bars {
  #bars: MultiBar | undefined
  #byKey = new Map<string, SingleBar>()
  /** Lines that are written when the bars are drawn the next time. */
  readonly #held: string[] = []

  get areThere(): boolean {
    return this.#byKey.size > 0
  }

  /** @param name as it came: it is escaped here @param figures what stands behind the bar */
  update(key: string, value: number, total: number, name: string, figures: string): void {
    this.#bars ??= this.#begin()
    const payload: Payload = { name, figures }
    const bar = this.#byKey.get(key)
    if (bar === undefined) this.#byKey.set(key, this.#bars.create(total, value, payload))
    else {
      bar.setTotal(total)
      bar.update(value, payload)
    }
  }

  #begin(): MultiBar {
    const bars = new MultiBar({
      format,
      fps: 10,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      linewrap: false,
      gracefulExit: false,
      emptyOnZero: true,
      stream: process.stdout,
    })
    bars.on('redraw-post', () => this.#held.splice(0))
    return bars
  }

  /** Writes a line above the bars. */
  log(line: string): void {
    this.#held.push(`${line}\n`)
    this.#bars?.log(`${line}\n`)
  }

  remove(key: string): void {
    const bar = this.#byKey.get(key)
    if (!bar) return
    this.#bars?.remove(bar)
    this.#byKey.delete(key)
    if (this.#byKey.size === 0) this.drop()
  }

  /** Takes all of them away. */
  drop(): void {
    this.#bars?.stop()
    this.#bars = undefined
    for (const line of this.#held.splice(0)) process.stdout.write(line)
    this.#byKey.clear()
  }
}

function format(
  _options: unknown,
  { progress, value, total }: { progress: number; value: number; total: number },
  { name, figures }: Payload,
): string {
  const columns = process.stdout.columns ?? 80
  // Nothing to do is done.
  const share = total === 0 ? (value === 0 ? 1 : 0) : Math.min(1, progress)
  const behind = ` ${String(Math.floor(share * 100)).padStart(3)} %  ${figures}`
  const room = columns - behind.length - 1
  const nameWidth = Math.max(8, Math.min(30, Math.floor(room / 2)))
  const barWidth = Math.max(4, Math.min(40, room - nameWidth - 3))
  const full = Math.round(share * barWidth)
  const shortName = showable(name, nameWidth)
  const filled = shortName + ' '.repeat(Math.max(0, nameWidth - columnsOf(shortName)))
  return `${filled} [${'='.repeat(full)}${' '.repeat(barWidth - full)}]${behind}`
}
