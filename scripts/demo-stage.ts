/** Where the demo is shown: bars on a terminal, lines in a pipe. */
import { MultiBar, type SingleBar } from 'cli-progress'
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

/** Columns that a line of progress takes beside its bar, with the words of who does what, and with names only. */
const besideBar = { words: 78, names: 69 }
const roomy = 100

/** Opens it on stdout. */
export function openStage(): Stage {
  const terminal = process.stdout.isTTY === true
  let chapters = 0
  let bars: MultiBar | undefined
  const write = (text: string) => {
    process.stdout.write(`${text}\n`)
  }
  const stopFollowing = () => {
    bars?.stop()
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

function followWithBars(ends: { faust: ChildCommand; mephisto: ChildCommand }): MultiBar {
  const columns = process.stdout.columns ?? 80
  const narrow = columns < roomy
  const bars = new MultiBar({
    format: '   {who} [{bar}] {percentage} %  {done}  {rate}  {left} left{from}',
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    barsize: Math.max(5, Math.min(30, columns - 1 - (narrow ? besideBar.names : besideBar.words))),
    hideCursor: true,
    gracefulExit: false,
    linewrap: false,
    fps: 20,
  })
  for (const who of ['mephisto', 'faust'] as const) {
    let bar: SingleBar | undefined
    ends[who].onReport((report) => {
      if (report.report === 'finished')
        bar?.update(report.bytes, { left: '0:00', done: bytesText(report.bytes) })
      if (report.report !== 'progress') return
      const payload = payloadOf(narrow ? who.padEnd(8) : wordOf[who].padEnd(17), report)
      bar ??= bars.create(report.total, report.resumedFrom, payload)
      bar.update(report.bytes, payload)
    })
  }
  return bars
}

function payloadOf(who: string, report: Progress): object {
  return {
    who,
    done: bytesText(report.bytes),
    rate: rateText(report.bytesPerSecond),
    left: durationText(report.secondsLeft),
    from: report.resumedFrom > 0 ? `  (from ${bytesText(report.resumedFrom)})` : '',
  }
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
