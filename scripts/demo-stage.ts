/** Where the demo is shown: bars on a terminal, lines in a pipe. */
import { barLine } from '../cli/screen/bars.js'
import { Foot } from '../cli/screen/foot.js'
import { bytesText, durationText, rateText } from '../cli/units.js'
import type { Report } from '../cli/words.js'
import type { ChildCommand } from './child-command.js'

export interface Stage {
  /** Begins the next chapter of the story. */
  chapter(text: string): void
  /** Shows the progress of both ends until the next chapter. */
  follow(ends: { faust: ChildCommand; mephisto: ChildCommand }): void
  stopFollowing(): void
  facts(rows: [string, string][]): void
  note(text: string): void
}

type Progress = Extract<Report, { report: 'progress' }>

const wordOf = { faust: 'faust sends', mephisto: 'mephisto receives' }

/** In fewer columns there are names alone. */
const roomy = 100

/** Opens it on stdout. */
export function openStage(): Stage {
  const terminal = process.stdout.isTTY === true
  let chapters = 0
  let bars: Foot | undefined
  const write = (text: string) => {
    process.stdout.write(`${text}\n`)
  }
  const stopFollowing = () => {
    bars?.leave()
    bars = undefined
  }
  return {
    chapter(text) {
      stopFollowing()
      const mark = `${++chapters}.`
      write(terminal ? `\n\x1b[1m${mark} ${text}\x1b[0m` : `\n${mark} ${text}`)
    },
    follow(ends) {
      if (terminal) bars = followWithBars(ends)
      else followWithLines(ends, write)
    },
    stopFollowing,
    facts(rows) {
      const width = Math.max(...rows.map(([name]) => name.length))
      for (const [name, value] of rows) write(`   ${name.padEnd(width)}   ${value}`)
    },
    note: write,
  }
}

function followWithBars(ends: { faust: ChildCommand; mephisto: ChildCommand }): Foot {
  const foot = new Foot()
  for (const who of ['mephisto', 'faust'] as const) {
    let last: Progress | undefined
    ends[who].onReport((report) => {
      if (report.report === 'progress') last = report
      const isOver = report.report === 'finished'
      if (last === undefined || (!isOver && report !== last)) return
      const shown: Progress = isOver ? { ...last, bytes: last.total, secondsLeft: 0 } : last
      foot.set(who, (columns) => barOf(who, shown, columns))
    })
  }
  return foot
}

function barOf(who: keyof typeof wordOf, report: Progress, columns: number): string {
  const { bytes, total, bytesPerSecond, secondsLeft, resumedFrom } = report
  const figures = [
    { text: bytesText(bytes), weight: 3 },
    { text: rateText(bytesPerSecond), weight: 2 },
    { text: `${durationText(secondsLeft)} left`, weight: 4 },
    ...(resumedFrom > 0 ? [{ text: `(from ${bytesText(resumedFrom)})`, weight: 1 }] : []),
  ]
  return `   ${barLine({ value: bytes, total, name: columns < roomy ? who : wordOf[who], figures }, columns - 3)}`
}

function followWithLines(
  ends: { faust: ChildCommand; mephisto: ChildCommand },
  write: (text: string) => void,
): void {
  let last = -1
  ends.mephisto.onReport((report) => {
    if (report.report !== 'progress') return
    const tenth = Math.floor((10 * report.bytes) / report.total)
    if (tenth === last) return
    last = tenth
    const from = report.resumedFrom > 0 ? `, went on from ${bytesText(report.resumedFrom)}` : ''
    write(
      `   mephisto holds ${bytesText(report.bytes)} of ${bytesText(report.total)}, ${rateText(report.bytesPerSecond)}${from}`,
    )
  })
}
