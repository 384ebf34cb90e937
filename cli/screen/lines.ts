/** Plain lines, for a pipe or a file: each change once, progress at each tenth. */

import type { Report } from '../words.js'
import { catalogueSentence } from './catalogue-sentences.js'
import { pathText } from './path-sentences.js'
import type { Screen } from './screen.js'
import { detourText, fileName, progressText, sentence, stateText, troubleLine } from './sentences.js'

/** So much is read, and published, in a moment. */
const momentBytes = 50_000_000
const momentFiles = 1_000
/** A file that comes in a moment: a block. */
const smallBytes = 2 ** 20

/** A screen for a pipe. */
export function linesScreen(): Screen {
  const tenths = new Map<string, number>()
  const said = new Map<string, string>()
  const write = (line: string) => {
    process.stdout.write(`${line}\n`)
  }
  /** Says it, unless it was the last that was said of this. */
  const once = (key: string, text: string | undefined) => {
    if (text === undefined || said.get(key) === text) return
    said.set(key, text)
    write(text)
  }
  /** Whether it has come to another tenth. */
  const isNextTenth = (key: string, done: number, total: number): boolean => {
    const tenth = total === 0 ? 10 : Math.floor((10 * done) / total)
    if (tenths.get(key) === tenth) return false
    tenths.set(key, tenth)
    return true
  }
  const sharing = (report: Extract<Report, { report: 'sharing' }>) => {
    const { id, state, hashedBytes, toHashBytes, publishedFiles, files } = report
    if (state === 'waiting' || state === 'unreadable') once(`share ${id}`, catalogueSentence(report))
    // What takes a moment is worth no line: `shared` follows at once.
    if (state === 'hashing' && toHashBytes < momentBytes) return
    if (state === 'publishing' && files < momentFiles) return
    if (state === 'hashing' && !isNextTenth(`hash ${id}`, hashedBytes, toHashBytes)) return
    if (state === 'publishing' && !isNextTenth(`publish ${id}`, publishedFiles, files)) return
    if (state === 'hashing' || state === 'publishing') once(`share ${id}`, catalogueSentence(report))
  }
  return {
    isForPrograms: false,
    show(report) {
      if (report.report === 'progress') {
        once(`path ${report.no}`, detourText(report))
        // That it has arrived follows at once.
        if (report.total <= smallBytes && report.resumedFrom === 0) return
        const first = !tenths.has(String(report.no))
        if (!isNextTenth(String(report.no), report.bytes, report.total)) return
        const resumed = first && report.resumedFrom > 0 ? ', goes on from what was there' : ''
        const way = first && report.path !== undefined ? `, ${pathText(report.path)}` : ''
        write(`${fileName(report.filename)}: ${progressText(report)}${way}${resumed}`)
      } else if (report.report === 'sharing') {
        sharing(report)
      } else if (report.report === 'shared') {
        for (const key of [`hash ${report.id}`, `publish ${report.id}`]) tenths.delete(key)
        once(`share ${report.id}`, catalogueSentence(report))
      } else if (report.report === 'state') {
        once(String(report.no), stateText(report))
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
