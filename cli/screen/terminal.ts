/**
 * A terminal: a bar for each transfer that moves and each folder that is read, lines above the bars, tables, and
 * questions. While a question waits, the bars stand still, so that nothing is drawn over what the person types.
 */
import type { ListedKind } from '../catalogue-words.js'
import { bytesText, countText, durationText, rateText } from '../units.js'
import type { Report } from '../words.js'
import { askOn } from './ask.js'
import { Bars, type Figures } from './bars.js'
import { catalogueSentence } from './catalogue-sentences.js'
import { terminalPaper } from './cells.js'
import { pathInShort } from './path-sentences.js'
import type { Screen } from './screen.js'
import { detourText, resumedText, sentence, stateText, troubleLine } from './sentences.js'
import { isListed, kindOf, tableHead, tableRow } from './tables.js'

/** Ends of a transfer take its bar away. */
const over = ['finished', 'failed']

/** A screen for a person. */
export function terminalScreen(): Screen {
  const bars = new Bars()
  const said = new Map<string, string>()
  const moved = new Set<number>()
  /** What stands still: a last progress that comes after its state brings no bar back. */
  const still = new Set<number>()
  let table: ListedKind | undefined
  let asking = 0
  let held: string[] = []

  const line = (text: string) => {
    if (asking > 0) held.push(text)
    else if (bars.areThere) bars.log(text)
    else process.stdout.write(`${text}\n`)
  }
  /** Says it, unless it was the last that was said of this. */
  const once = (key: string, text: string | undefined) => {
    if (text === undefined || said.get(key) === text) return
    said.set(key, text)
    line(text)
  }
  const progress = (report: Extract<Report, { report: 'progress' }>) => {
    const resumed = resumedText(report)
    if (resumed !== undefined && !moved.has(report.no)) line(resumed)
    once(`path ${report.no}`, detourText(report))
    moved.add(report.no)
    if (asking > 0 || still.has(report.no)) return
    const { bytes, total, bytesPerSecond, secondsLeft } = report
    const way = report.path === undefined ? [] : [{ text: pathInShort(report.path), weight: 1 }]
    const figures = [...howFar(bytes, total, bytesPerSecond, secondsLeft), ...way]
    bars.update(String(report.no), bytes, total, report.filename, figures)
  }
  const sharing = (report: Extract<Report, { report: 'sharing' | 'shared' }>) => {
    const { id, name, state, hashedBytes, toHashBytes, bytesPerSecond, secondsLeft, publishedFiles, files } =
      report
    const key = `share ${id}`
    if (report.report === 'sharing' && state === 'hashing' && asking === 0) {
      const figures = howFar(hashedBytes, toHashBytes, bytesPerSecond, secondsLeft)
      bars.update(key, hashedBytes, toHashBytes, name, figures)
    } else if (report.report === 'sharing' && state === 'publishing' && asking === 0) {
      const counts = `published ${countText(publishedFiles)}/${countText(files)}`
      const figures = publishedFiles < files ? counts : 'publishing what has changed'
      bars.update(key, publishedFiles, files, name, [{ text: figures, weight: 1 }])
    } else if (report.report === 'sharing' && state === 'scanning' && asking === 0) {
      const text = `looking through it, ${countText(files, 'file')}`
      bars.update(key, 0, 1, name, [{ text, weight: 1 }])
    } else {
      bars.remove(key)
      // What comes to rest says `shared`.
      if (report.report === 'shared' || state !== 'current') once(key, catalogueSentence(report))
    }
  }
  const folder = (report: Extract<Report, { report: 'folder-getting' }>) => {
    const { peer, path, fetched, bytes, there, failed, files } = report
    const done = fetched + there + failed
    const count =
      files === undefined ? countText(done, 'file') : `${countText(done)}/${countText(files, 'file')}`
    const figures = [
      { text: count, weight: 2 },
      { text: bytesText(bytes), weight: 1 },
    ]
    // How many there are was asked before the last of them came.
    const total = Math.max(files ?? 0, done)
    if (asking === 0)
      bars.update(folderKey(peer, path), files === undefined ? 0 : done, total, `${path}/`, figures)
  }
  const listed = (report: Extract<Report, Parameters<typeof tableRow>[0]>) => {
    const paper = terminalPaper(process.stdout.columns ?? 80)
    const kind = kindOf(report)
    if (table !== kind) {
      const head = tableHead(kind, paper)
      if (head !== undefined) line(head)
    }
    table = kind
    line(tableRow(report, paper))
  }

  return {
    isForPrograms: false,
    show(report) {
      if (report.report === 'progress') return progress(report)
      if (report.report === 'sharing' || report.report === 'shared') return sharing(report)
      if (isListed(report)) return listed(report)
      if (report.report === 'folder-getting') return folder(report)
      if (report.report === 'folder-got') bars.remove(folderKey(report.peer, report.path))
      if (report.report === 'state') {
        if (report.state === 'moving' || report.state === 'linking') still.delete(report.no)
        else still.add(report.no)
        if (report.state !== 'moving') bars.remove(String(report.no))
        return once(String(report.no), stateText(report))
      }
      if ('no' in report && over.includes(report.report)) bars.remove(String(report.no))
      const text = sentence(report)
      if (text !== undefined) line(report.report === 'error' ? `jabberfs: ${text}` : text)
    },
    fail(trouble) {
      bars.drop()
      process.stderr.write(`jabberfs: ${troubleLine(trouble)}\n`)
    },
    note: line,
    ...(process.stdin.isTTY
      ? {
          async ask(question, answers, signal) {
            bars.drop()
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
    close: () => bars.drop(),
  }
}

const folderKey = (peer: string, path: string): string => `folder ${peer} ${path}`

/** How much is done; how fast, and how long yet, as soon as somebody knows. */
function howFar(
  bytes: number,
  total: number,
  bytesPerSecond: number,
  secondsLeft: number | undefined,
): Figures {
  const done = { text: `${bytesText(bytes)}/${bytesText(total)}`, weight: 3 }
  if (bytesPerSecond <= 0) return [done]
  const pace = { text: rateText(bytesPerSecond), weight: 2 }
  return [done, pace, { text: `${durationText(secondsLeft)} left`, weight: 4 }]
}
