/** Lists on a terminal and in a pipe: they fit, they line up, and strangers' words stay words. */
import { expect } from 'chai'
import type { ShareLook } from '../../cli/catalogue-words.js'
import { catalogueSentence } from '../../cli/screen/catalogue-sentences.js'
import { plainPaper, terminalPaper } from '../../cli/screen/cells.js'
import { listEnd, tableHead, tableRow } from '../../cli/screen/tables.js'
import { columnsOf } from '../../cli/showable.js'
import type { Report } from '../../cli/words.js'
import { createRandom } from '../bytes/random.js'

type Row = Parameters<typeof tableRow>[0]

const root = 'ab'.repeat(32)
const peer = 'faust@goethe.example'
const rows = (name: string, who = peer): Row[] => [
  {
    report: 'hit',
    no: 7,
    root,
    size: 35_012,
    sources: 3,
    online: 1,
    peer: who,
    share: 's',
    path: `2002/Februar/${name}`,
  },
  { report: 'hit', no: 1_000, root, size: 0, sources: 1_000, online: 1_000, path: name },
  { report: 'source', peer: who, share: 's', path: name, online: true, modified: 1_013_545_379 },
  { report: 'peer', peer: who, online: false, shares: 3, files: 1_234_567, bytes: 5e12 },
  { report: 'peer-share', peer: who, id: 's', name, tags: [name, 'b'], files: 1, bytes: 7 },
  { report: 'folder', peer: who, path: name, files: 12_345_678 },
  { report: 'file', no: 12, peer: who, path: name, size: 5, modified: 0, root, tags: [] },
  { report: 'tag', tag: name, files: 3 },
]
// What our own dim and bold are made of.
const withoutLook = (text: string): string => text.replace(/\x1b\[(1|2|22)m/g, '')

describe('lists on a terminal', () => {
  const hostile = [
    '\x1b[2J\x07owned',
    '\u202egpj.exe',
    'a\nb\rc\td',
    'x'.repeat(5_000),
    '日本語の歌'.repeat(40),
    '\\',
    'é\u0301'.repeat(99),
  ]

  it('say what is in a folder by its name, where there is no room for the whole path', () => {
    const file = { report: 'file', no: 1, peer, size: 5, modified: 0, root, tags: [] } as const
    const folder = { report: 'folder', peer, files: 3 } as const
    const path = 'Meine Sachen/Februar 2002'
    const shown = (report: Row, columns: number) => withoutLook(tableRow(report, terminalPaper(columns)))
    expect(shown({ ...file, path: `${path}/girl.jpg` }, 40)).to.contain('…/girl.jpg')
    expect(shown({ ...file, path: `${path}/girl.jpg` }, 120)).to.contain(`${path}/girl.jpg`)
    expect(shown({ ...folder, path }, 40)).to.contain('…/Febr… 2002/')
    expect(shown({ ...folder, path: `${path}/a` }, 40)).to.contain('…/a/')
  })

  it('fit each terminal, whatever strangers wrote, and hold nothing that it obeys (cases 87 and 106)', () => {
    for (const columns of [40, 55, 56, 57, 80, 81, 132, 300]) {
      const paper = terminalPaper(columns)
      for (const name of ['my_girl.jpg', ...hostile]) {
        for (const report of rows(name, `${name}@b`)) {
          const text = withoutLook(tableRow(report, paper))
          expect(text, report.report).not.to.match(/\p{Cc}|[\u202a-\u202e]/u)
          // At 40 the last column is used, so that there is one more for names.
          expect(columnsOf(text), `${report.report} at ${columns}: ${text}`).to.be.at.most(
            Math.max(40, columns - 1),
          )
        }
      }
    }
  })

  it('line up: each row of a list has its columns at the same place', () => {
    const paper = terminalPaper(100)
    const at = (name: string) => {
      const [hit] = rows(name)
      const text = withoutLook(tableRow(hit!, paper))
      return columnsOf(text.slice(0, text.indexOf('35.0 kB')))
    }
    const places = ['a', 'my_girl.jpg', '日本語の歌.mp3', 'x'.repeat(300)].map(at)
    expect(new Set(places).size, String(places)).to.equal(1)
    const head = withoutLook(tableHead('hit', paper)!)
    expect(head.indexOf('size') + 4).to.equal(places[0]! + '35.0 kB'.length)
  })

  it('show name, folder, size, sources online of all, and who has it', () => {
    const [hit] = rows('my_girl.jpg')
    const text = tableRow(hit!, terminalPaper(120))
    expect(withoutLook(text)).to.match(
      /^ {3}7 {2}my_girl\.jpg {2}2002\/Februar\/ +35\.0 kB +1\/3 {2}faust@goethe\.example$/,
    )
    expect(text).to.contain('\x1b[2m2002/Februar/\x1b[22m')
  })

  it('are plain in a pipe: no colour, no head, no cell cut', () => {
    const long = `${'long '.repeat(20)}name.jpg`
    for (const report of rows(long)) expect(tableRow(report, plainPaper)).not.to.match(/\p{Cc}/u)
    expect(tableHead('hit', plainPaper)).to.equal(undefined)
    expect(tableRow(rows(long)[0]!, plainPaper)).to.equal(`7  ${long}  2002/Februar/  35.0 kB  1/3  ${peer}`)
  })

  it('fit with any text whatever', () => {
    const random = createRandom()
    const paper = terminalPaper(80)
    for (let turn = 0; turn < 200; turn++) {
      const name = String.fromCodePoint(
        ...Array.from({ length: 1 + random.below(60) }, () => random.below(0x11_0000)),
      )
      for (const report of rows(name)) {
        const text = withoutLook(tableRow(report, paper))
        expect(columnsOf(text), JSON.stringify(name)).to.be.below(80)
        expect(text).not.to.match(/\p{Cc}/u)
      }
    }
  })

  it('say under them what there is beside, and when there is nothing', () => {
    const page = { report: 'page', of: 'hit', shown: 20, more: true, asked: false } as const
    expect(listEnd({ ...page, count: 1_412 })).to.equal('20 of 1,412: --all shows the others')
    expect(listEnd(page)).to.contain('there are more')
    // It may be cut there.
    expect(listEnd({ ...page, count: 1_000 })).to.equal('20 of 1,000 or more: --all shows the others')
    expect(listEnd({ ...page, shown: 1_000, count: 1_000, more: false })).to.contain('there may be more')
    expect(listEnd({ ...page, of: 'peer', count: 1_000 })).to.match(/^20 of 1,000: /)
    expect(listEnd({ ...page, more: false })).to.equal(undefined)
    expect(listEnd({ ...page, shown: 0, count: 0, more: false })).to.match(/^nothing is found \(.*`gret\*`/)
    expect(listEnd({ ...page, shown: 0, more: false })).to.contain('nothing is found among the newest')
  })
})

describe('a share in words', () => {
  const look: ShareLook = {
    id: 'x1',
    name: 'Music\x1b[31m',
    folder: '/home/faust/Music',
    tags: ['songs'],
    visibleTo: { kind: 'only', domains: ['goethe.example'], peers: ['gretchen@markt.example'] },
    state: 'hashing',
    files: 1_205,
    bytes: 48_234_165,
    hashedBytes: 24_000_000,
    toHashBytes: 48_000_000,
    bytesPerSecond: 85_000_000,
    secondsLeft: 0.3,
    publishedFiles: 0,
    leftOutFiles: 2,
  }

  it('says how far it is, how fast, and how long yet', () => {
    expect(catalogueSentence({ report: 'sharing', ...look })).to.equal(
      'Music\\x1b[31m: reads what is new: 50 % of 48.0 MB, 85.0 MB/s, 0:01 left',
    )
    expect(catalogueSentence({ report: 'sharing', ...look, bytesPerSecond: 0 })).to.match(/of 48\.0 MB$/)
    const publishing = (publishedFiles: number) =>
      catalogueSentence({ report: 'sharing', ...look, state: 'publishing', publishedFiles })
    expect(publishing(1_000)).to.match(/publishes: 1,000 of 1,205 files$/)
    // Of what is published already some is to be taken back.
    expect(publishing(1_207)).to.match(/publishes what has changed$/)
  })

  it('says who may see it, what is left out, and what it waits for', () => {
    const text = catalogueSentence({ report: 'share', ...look, state: 'current' })!
    expect(text).to.contain('1,205 files, 48.2 MB').and.contain('for goethe.example, gretchen@markt.example')
    expect(text).to.contain('2 left out').and.contain('#songs').and.contain('/home/faust/Music')
    const trouble = { code: 'quota', says: 'It is full.', todo: 'Share less.' } as const
    expect(catalogueSentence({ report: 'sharing', ...look, state: 'waiting', trouble })).to.contain(
      'waits: It is full.',
    )
    expect(catalogueSentence({ report: 'share', ...look, state: 'unreadable' })).to.match(
      /the folder is not there .* nothing is taken back/,
    )
  })

  it('names each reason for which a file is left out', () => {
    const why: Extract<Report, { report: 'left-out' }>['why'][] = [
      'unreadable',
      'link-leaves-folder',
      'not-a-file',
      'name',
      'too-large',
      'quota',
    ]
    const said = why.map(
      (each) => catalogueSentence({ report: 'left-out', share: 's', path: 'a\nb', why: each })!,
    )
    expect(new Set(said).size).to.equal(why.length)
    for (const text of said) expect(text).to.match(/^ {2}left out: a\\x0ab \S/)
  })
})
