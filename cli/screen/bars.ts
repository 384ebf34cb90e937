/** Bars at the foot of a terminal: one for each thing that comes on, under a name, with figures behind it. */
import { columnsOf, showable } from '../showable.js'
import { Foot } from './foot.js'

/** What stands behind a bar, in order. Where there is no room for all of it, what weighs least goes first. */
export type Figures = readonly { text: string; weight: number }[]

const leastName = 8
const mostName = 30
const leastBar = 4
const mostBar = 40

export class Bars {
  readonly #foot = new Foot()

  get areThere(): boolean {
    return !this.#foot.isEmpty
  }

  /** @param name as it came: it is escaped here @param figures what stands behind the bar */
  update(key: string, value: number, total: number, name: string, figures: Figures): void {
    this.#foot.set(key, (columns) => barLine({ value, total, name, figures }, columns))
  }

  /** Writes a line above the bars. */
  log(line: string): void {
    this.#foot.say(line)
  }

  remove(key: string): void {
    this.#foot.remove(key)
  }

  /** Takes all of them away. */
  drop(): void {
    this.#foot.drop()
  }
}

interface Bar {
  value: number
  total: number
  name: string
  figures: Figures
}

/** `my_girl.jpg [====    ]  45 %  12.3 MB/48.0 MB  85 MB/s  0:07`, in no more than these columns but one. */
export function barLine({ value, total, name, figures }: Bar, columns: number): string {
  // Nothing to do is done.
  const share = total === 0 ? (value === 0 ? 1 : 0) : Math.min(1, value / total)
  const percent = ` ${String(Math.floor(share * 100)).padStart(3)} %`
  const least = leastName + leastBar + ' []'.length + percent.length + 1
  const behind = percent + behindBar(figures, columns - least)
  const room = columns - behind.length - 1
  const nameWidth = Math.max(leastName, Math.min(mostName, Math.floor(room / 2)))
  const barWidth = Math.max(leastBar, Math.min(mostBar, room - nameWidth - 3))
  const full = Math.round(share * barWidth)
  const shortName = showable(name, nameWidth)
  const filled = shortName + ' '.repeat(Math.max(0, nameWidth - columnsOf(shortName)))
  return `${filled} [${'='.repeat(full)}${' '.repeat(barWidth - full)}]${behind}`
}

function behindBar(figures: Figures, room: number): string {
  const text = figures.map((figure) => `  ${figure.text}`).join('')
  if (text.length <= room) return text
  const lightest = Math.min(...figures.map(({ weight }) => weight))
  return behindBar(
    figures.filter(({ weight }) => weight > lightest),
    room,
  )
}
