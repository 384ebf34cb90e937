/** Lists as tables: one row a report, each fit for the terminal it goes to; the head comes with the first row. */
import type { ListedKind } from '../catalogue-words.js'
import { columnsOf, showable } from '../showable.js'
import { bytesText, countText, dayText } from '../units.js'
import type { Report } from '../words.js'
import { nameAndFolder, type Paper, row } from './cells.js'

type Listed = Extract<
  Report,
  { report: 'hit' | 'source' | 'peer' | 'peer-share' | 'folder' | 'file' | 'tag' }
>

const kinds: Record<Listed['report'], ListedKind> = {
  hit: 'hit',
  source: 'source',
  peer: 'peer',
  'peer-share': 'peer-share',
  folder: 'item',
  file: 'item',
  tag: 'tag',
}

const sizeColumns = 7

/** @returns whether this is a row of a list */
export function isListed(report: Report): report is Listed {
  return Object.hasOwn(kinds, report.report)
}

export const kindOf = (report: Listed): ListedKind => kinds[report.report]

/** Columns for a person's address: a third of the terminal, within reason. */
const peerColumns = ({ columns }: Paper): number | undefined =>
  columns === undefined ? undefined : Math.max(14, Math.min(34, Math.floor(columns * 0.25)))

const left = ({ columns }: Paper, taken: number): number | undefined =>
  columns === undefined ? undefined : Math.max(8, columns - taken)

/** Where not all columns fit, what can be asked for otherwise has none. */
const narrow = ({ columns }: Paper): boolean => columns !== undefined && columns < 56

/** The name of what was found has what the columns beside it leave. */
const nameRoom = (paper: Paper): number | undefined =>
  left(paper, 4 + sizeColumns + 7 + (narrow(paper) ? 6 : (peerColumns(paper) ?? 0) + 8))

const personRoom = (paper: Paper): number | undefined =>
  left(paper, 7 + 9 + sizeColumns + (narrow(paper) ? 6 : 9 + 8))

/** The first line of a table on a terminal; in a pipe there is none. */
export function tableHead(kind: ListedKind, paper: Paper): string | undefined {
  if (paper.columns === undefined) return undefined
  const peer = peerColumns(paper)!
  switch (kind) {
    case 'hit': {
      return paper.dim(
        row([
          { text: 'no', width: 4, align: 'right' },
          { text: 'name', width: nameRoom(paper) },
          { text: 'size', width: sizeColumns, align: 'right' },
          { text: 'online', width: 7, align: 'right' },
          ...(narrow(paper) ? [] : [{ text: 'from', width: peer }]),
        ]),
      )
    }
    case 'source':
      return undefined
    case 'peer':
      return paper.dim(
        row([
          { text: 'person', width: personRoom(paper) },
          { text: '', width: 7 },
          ...(narrow(paper) ? [] : [{ text: 'shares', width: 9, align: 'right' as const }]),
          { text: 'files', width: 9, align: 'right' },
          { text: 'size', width: sizeColumns, align: 'right' },
        ]),
      )
    default:
      return undefined
  }
}

/** One row. Everything in it that a stranger wrote is escaped. */
export function tableRow(report: Listed, paper: Paper): string {
  const wide = paper.columns !== undefined
  const fixed = (width: number): number | undefined => (wide ? width : undefined)
  switch (report.report) {
    case 'hit': {
      const peer = peerColumns(paper)
      const { name, folder } = splitPath(report.path)
      const room = nameRoom(paper)
      const start = row([{ text: String(report.no), width: fixed(4), align: 'right' }])
      const end = row([
        { text: bytesText(report.size), width: fixed(sizeColumns), align: 'right' },
        { text: `${report.online}/${report.sources}`, width: fixed(7), align: 'right' },
        ...(narrow(paper) ? [] : [{ text: report.peer ?? '', width: peer }]),
      ])
      return `${start}  ${nameAndFolder(name, folder, room, paper)}  ${end}`
    }
    case 'source': {
      const look = report.online ? paper.bold : paper.dim
      return row([
        { text: report.online ? 'online' : 'offline', width: 7, look },
        { text: report.peer, width: peerColumns(paper) },
        ...(narrow(paper) ? [] : [{ text: dayText(report.modified), width: 10 }]),
        {
          text: report.path,
          width: left(paper, 7 + (peerColumns(paper) ?? 0) + (narrow(paper) ? 4 : 10 + 6)),
        },
      ])
    }
    case 'peer':
      return row([
        { text: report.peer, width: personRoom(paper) },
        {
          text: report.online ? 'online' : 'offline',
          width: fixed(7),
          look: report.online ? paper.bold : paper.dim,
        },
        ...(narrow(paper)
          ? []
          : [{ text: countText(report.shares, 'share'), width: fixed(9), align: 'right' as const }]),
        {
          text: wide ? countText(report.files) : countText(report.files, 'file'),
          width: fixed(9),
          align: 'right',
        },
        {
          text: report.bytes === undefined ? '' : bytesText(report.bytes),
          width: fixed(sizeColumns),
          align: 'right',
        },
      ])
    case 'peer-share': {
      const tags = report.tags.length > 0 ? report.tags.map((tag) => `#${tag}`).join(' ') : ''
      const size = report.bytes === undefined ? '' : bytesText(report.bytes)
      const start = nameAndFolder(`${report.name}/`, tags, left(paper, 13 + sizeColumns + 4), paper)
      return `${start}  ${row([
        { text: countText(report.files, 'file'), width: fixed(13), align: 'right' },
        { text: size, width: fixed(sizeColumns), align: 'right' },
      ])}`
    }
    case 'folder': {
      const folderRoom = left(paper, 4 + 19 + 4)
      return row([
        ...(wide ? [{ text: '', width: 4 }] : []),
        { text: fitting(`${report.path}/`, folderRoom), width: folderRoom, look: paper.bold },
        { text: countText(report.files, 'file'), width: fixed(19), align: 'right' },
      ])
    }
    case 'file': {
      const fileRoom = left(paper, 4 + 10 + sizeColumns + 6)
      return row([
        { text: String(report.no), width: fixed(4), align: 'right' },
        { text: fitting(report.path, fileRoom), width: fileRoom },
        { text: dayText(report.modified), width: fixed(10) },
        { text: bytesText(report.size), width: fixed(sizeColumns), align: 'right' },
      ])
    }
    case 'tag':
      return row([
        { text: report.tag, width: wide ? Math.min(34, left(paper, 15)!) : undefined },
        { text: countText(report.files, 'file'), width: fixed(13), align: 'right' },
      ])
  }
}

/** The words of each list where there is nothing in it. */
const nothing: Record<ListedKind, string> = {
  hit: 'nothing is found (try `gret*` for the start of a word, `*etch*` for a part)',
  source: 'nobody has it whom you may see',
  peer: 'nobody there who shares something with you (--all shows those who are not online, too)',
  'peer-share': 'there is nothing that you may see',
  item: 'there is nothing in it',
  tag: 'there is no tag that you may see',
}

/** Under a list: how much of it was shown, where that is worth a line. */
export function listEnd({
  of,
  shown,
  count,
  more,
  asked,
}: Extract<Report, { report: 'page' }>): string | undefined {
  if (asked) return undefined
  // Without a count the search ended before it had looked at everything (docs/catalogue.md, "Pages").
  if (shown === 0 && of === 'hit' && count === undefined)
    return 'nothing is found among the newest: say more words'
  if (shown === 0) return nothing[of]
  if (!more) return isLeast(of, count) ? 'there may be more than these: say more words' : undefined
  return count === undefined
    ? `there are more: --all shows them`
    : `${countText(shown)} of ${wholeCount(of, count)}: --all shows the others`
}

/** A search finds no more than so many, and that count stands for more, too (docs/catalogue.md, "Pages"). */
const mostHits = 1_000

const isLeast = (of: ListedKind, count: number | undefined): boolean => of === 'hit' && count === mostHits

/** How many there are in all. */
export const wholeCount = (of: ListedKind, count: number): string =>
  isLeast(of, count) ? `${countText(count)} or more` : countText(count)

function splitPath(path: string): { name: string; folder: string } {
  const at = path.lastIndexOf('/')
  return at < 0 ? { name: path, folder: '' } : { name: path.slice(at + 1), folder: path.slice(0, at + 1) }
}

/** A path in a folder that was asked for: where there is no room for all of it, what it is called there. */
function fitting(path: string, room: number | undefined): string {
  if (room === undefined || columnsOf(showable(path)) <= room) return path
  return `…${path.slice(path.lastIndexOf('/', path.length - 2))}`
}

/** For one line in a notification: `my_girl.jpg (35.0 kB) at faust@goethe.example`. */
export function hitText({ path, size, peer }: { path: string; size: number; peer?: string }): string {
  const from = peer === undefined ? '' : ` at ${showable(peer, 80)}`
  return `${showable(splitPath(path).name, 120)} (${bytesText(size)})${from}`
}
