/** What stands on a terminal where bars are at its foot: as a terminal shows it, not as it was written. */
import { Writable } from 'node:stream'
import { expect } from 'chai'
import { barLine } from '../../cli/screen/bars.js'
import { Foot } from '../../cli/screen/foot.js'
import { columnsOf } from '../../cli/showable.js'

/** A terminal that wraps, and obeys what is written for a Foot; anything else it would be told is a fault. */
class Paper extends Writable {
  readonly lines: string[] = ['']
  #row = 0
  #column = 0

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    super({ decodeStrings: false })
  }

  override _write(text: string, _encoding: string, done: () => void): void {
    for (const [piece] of text.matchAll(/\x1b\[\d*[A-Z]|[^\x1b]/gsu)) this.#obey(piece)
    done()
  }

  #obey(piece: string): void {
    const move = /^\x1b\[(\d+)([AB])$/.exec(piece)
    if (move) this.#row += Number(move[1]) * (move[2] === 'A' ? -1 : 1)
    else if (piece === '\x1b[2K') this.lines[this.#row] = ''
    else if (piece === '\x1b[K') this.lines[this.#row] = this.lines[this.#row]!.slice(0, this.#column)
    else if (piece === '\x1b[G') this.#column = 0
    else if (piece === '\n') this.#next()
    else {
      expect(piece).to.have.length(1)
      if (this.#column === this.columns) this.#next()
      const line = this.lines[this.#row]!
      this.lines[this.#row] = line.slice(0, this.#column) + piece + line.slice(this.#column + 1)
      this.#column++
    }
  }

  #next(): void {
    this.#row++
    this.#column = 0
    this.lines[this.#row] ??= ''
  }

  /** What somebody sees, down to the last line with something on it. */
  get seen(): string[] {
    return this.lines.slice(0, this.lines.findLastIndex((line) => line !== '') + 1)
  }
}

describe('bars at the foot of a terminal', () => {
  const bar = (name: string) => (columns: number) => name.repeat(columns - 1)

  it('leave what is said above them whole, however long it is, and nothing of themselves beside it', () => {
    const paper = new Paper(40, 12)
    const foot = new Foot(paper)
    const said = ['short', `long ${'x'.repeat(70)} /home/faust/the-end`, '1', '2', '3', 'y'.repeat(40)]
    for (const key of ['a', 'b', 'c']) foot.set(key, bar(key))
    for (const text of said) foot.say(text)
    expect(paper.seen.slice(-3).join(' ')).to.match(/^a+ b+ c+$/)
    foot.remove('b')
    foot.say('after')
    foot.drop()
    const wrapped = [...said, 'after'].flatMap((text) => text.match(/.{1,40}/g) ?? [])
    expect(paper.seen).to.deep.equal(wrapped)
  })

  it('are no more than there is room for', () => {
    const paper = new Paper(40, 6)
    const foot = new Foot(paper)
    for (let at = 0; at < 10; at++) foot.set(String(at), bar(String(at)))
    foot.say('said')
    expect(paper.seen).to.have.length(5)
    expect(paper.seen.at(-1)).to.equal('… and 7 more')
    foot.drop()
    expect(paper.seen).to.deep.equal(['said'])
  })

  it('fit each terminal: where there is little room, what weighs least is left out', () => {
    const figures = [
      { text: '60.8 MB/8.59 GB', weight: 3 },
      { text: '70.5 MB/s', weight: 2 },
      { text: '2:02 left', weight: 4 },
      { text: 'direct', weight: 1 },
    ]
    const line = (columns: number) =>
      barLine({ value: 60.8e6, total: 8.59e9, name: 'Ein 長い名前.bin', figures }, columns)
    for (let columns = 24; columns < 200; columns++) expect(columnsOf(line(columns))).to.be.below(columns)
    expect(line(100)).to.contain('  60.8 MB/8.59 GB  70.5 MB/s  2:02 left  direct')
    expect(line(60)).to.match(/0 % {2}60\.8 MB\/8\.59 GB {2}2:02 left$/)
    expect(line(40)).to.match(/0 % {2}2:02 left$/)
  })
})
