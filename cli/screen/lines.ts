/** Plain lines, for a pipe or a file: each change once, progress at each tenth. */
import type { Screen } from './screen.js'
import { fileName, progressText, sentence, stateText, troubleLine } from './sentences.js'

/** A screen for a pipe. */
export function linesScreen(): Screen {
  const tenths = new Map<number, number>()
  const said = new Map<number, string>()
  const write = (line: string) => {
    process.stdout.write(`${line}\n`)
  }
  return {
    show(report) {
      if (report.report === 'progress') {
        const tenth = report.total === 0 ? 10 : Math.floor((10 * report.bytes) / report.total)
        if (tenths.get(report.no) === tenth) return
        const first = !tenths.has(report.no)
        tenths.set(report.no, tenth)
        const resumed = first && report.resumedFrom > 0 ? ', goes on from what was there' : ''
        write(`${fileName(report.filename)}: ${progressText(report)}${resumed}`)
      } else if (report.report === 'state') {
        const line = stateText(report)
        if (line === undefined || said.get(report.no) === line) return
        said.set(report.no, line)
        write(line)
      } else if (report.report === 'error' || report.report === 'failed') {
        process.stderr.write(`jabberfs: ${sentence(report)}\n`)
      } else {
        const line = sentence(report)
        if (line !== undefined) write(line)
      }
    },
    fail: (trouble) => {
      process.stderr.write(`jabberfs: ${troubleLine(trouble)}\n`)
    },
    note: write,
    close() {},
  }
}
