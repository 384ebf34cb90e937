/**
 * A terminal: a bar for each transfer that moves, lines above the bars, and questions. While a question waits, the
 * bars stand still, so that nothing is drawn over what the person types.
 */
import { MultiBar, type SingleBar } from 'cli-progress'
import { bytesText, durationText, rateText } from '../units.js'
import type { Report } from '../words.js'
import { askOn } from './ask.js'
import type { Screen } from './screen.js'
import { fileName, resumedText, sentence, stateText, troubleLine } from './sentences.js'

interface Payload {
  name: string
  rate: number
  left: number | undefined
}

/** Ends of a transfer take its bar away. */
const over = ['finished', 'failed']

/** A screen for a person. */
export function terminalScreen(): Screen {
  let bars: MultiBar | undefined
  const byTransfer = new Map<number, SingleBar>()
  const said = new Map<number, string>()
  const moved = new Set<number>()
  let asking = 0
  let held: string[] = []

  const line = (text: string) => {
    if (asking > 0) held.push(text)
    else if (bars && byTransfer.size > 0) bars.log(`${text}\n`)
    else process.stdout.write(`${text}\n`)
  }
  const dropBars = () => {
    bars?.stop()
    bars = undefined
    byTransfer.clear()
  }
  const progress = (report: Extract<Report, { report: 'progress' }>) => {
    const resumed = resumedText(report)
    if (resumed !== undefined && !moved.has(report.no)) line(resumed)
    moved.add(report.no)
    if (asking > 0) return
    bars ??= new MultiBar({
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
    const payload: Payload = {
      name: fileName(report.filename),
      rate: report.bytesPerSecond,
      left: report.secondsLeft,
    }
    const bar = byTransfer.get(report.no)
    if (bar) bar.update(report.bytes, payload)
    else byTransfer.set(report.no, bars.create(report.total, report.bytes, payload))
  }
  const takeBarAway = (no: number) => {
    const bar = byTransfer.get(no)
    if (!bar) return
    bars?.remove(bar)
    byTransfer.delete(no)
    if (byTransfer.size === 0) dropBars()
  }

  return {
    show(report) {
      if (report.report === 'progress') return progress(report)
      if (report.report === 'state') {
        if (report.state !== 'moving') takeBarAway(report.no)
        const text = stateText(report)
        if (text === undefined || said.get(report.no) === text) return
        said.set(report.no, text)
        return line(text)
      }
      if ('no' in report && over.includes(report.report)) takeBarAway(report.no)
      const text = sentence(report)
      if (text !== undefined) line(report.report === 'error' ? `jabberfs: ${text}` : text)
    },
    fail(trouble) {
      dropBars()
      process.stderr.write(`jabberfs: ${troubleLine(trouble)}\n`)
    },
    note: line,
    ...(process.stdin.isTTY
      ? {
          async ask(question, answers, signal) {
            dropBars()
            asking++
            try {
              return await askOn({ input: process.stdin, output: process.stdout }, question, answers, signal)
            } finally {
              asking--
              if (asking === 0) {
                for (const text of held) process.stdout.write(`${text}\n`)
                held = []
              }
            }
          },
        }
      : {}),
    close: dropBars,
  }
}

function format(
  _options: unknown,
  { progress, value, total }: { progress: number; value: number; total: number },
  { name, rate, left }: Payload,
): string {
  const columns = process.stdout.columns ?? 80
  const share = total === 0 ? 1 : progress
  const figures = ` ${String(Math.floor(share * 100)).padStart(3)} %  ${bytesText(value)}/${bytesText(total)}  ${rateText(rate)}  ${durationText(left)}`
  const room = columns - figures.length - 1
  const nameWidth = Math.max(8, Math.min(30, Math.floor(room / 2)))
  const barWidth = Math.max(4, Math.min(40, room - nameWidth - 3))
  const full = Math.round(share * barWidth)
  const shortName = name.length > nameWidth ? `${name.slice(0, nameWidth - 6)}…${name.slice(-5)}` : name
  return `${shortName.padEnd(nameWidth)} [${'='.repeat(full)}${' '.repeat(barWidth - full)}]${figures}`
}
