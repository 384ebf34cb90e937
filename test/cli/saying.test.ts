/** What people type, made into questions: sizes, audiences, filters, and what `get` is to get. */
import { expect } from 'chai'
import { type FilterOptions, readQuery } from '../../cli/commands/filters.js'
import { parseSizeRange } from '../../cli/commands/size-range.js'
import { lifeOf, waitOf } from '../../cli/commands/times.js'
import { parseVisibleTo } from '../../cli/commands/visible-to.js'
import { parseWishes } from '../../cli/commands/wishes.js'

const root = 'ab'.repeat(32)

describe('what people type', () => {
  it('is a time to wait in any unit, in seconds alone, or for ever', () => {
    const times: [string, number][] = [
      ['30s', 30],
      ['30', 30],
      ['0', 0],
      ['5m', 300],
      ['12h', 43_200],
      ['7d', 604_800],
      ['ever', Number.POSITIVE_INFINITY],
    ]
    for (const [text, seconds] of times) expect(waitOf(text), text).to.equal(seconds)
    for (const text of ['', 's', '5x', '-1', '1.5m', '8d', '5 m', '99999999', 'never']) {
      expect(() => waitOf(text), text).to.throw(/It takes seconds, minutes, hours or days/)
    }
    expect([lifeOf('1m'), lifeOf('7d')]).to.deep.equal([60, 604_800])
    for (const text of ['59s', '90', 'ever', '8d']) expect(() => lifeOf(text), text).to.throw(/from 1m to 7d/)
  })

  it('is a range of sizes in each way in which people write one', () => {
    const ranges: [string, object][] = [
      ['>10M', { minSize: 10_000_001 }],
      ['>=10M', { minSize: 10_000_000 }],
      ['+10M', { minSize: 10_000_000 }],
      ['<1G', { maxSize: 999_999_999 }],
      ['-1.5kB', { maxSize: 1_500 }],
      ['10M..1G', { minSize: 10_000_000, maxSize: 1_000_000_000 }],
      ['1MiB..', { minSize: 1_048_576 }],
      ['..700', { maxSize: 700 }],
    ]
    for (const [text, range] of ranges) expect(parseSizeRange(text), text).to.deep.equal(range)
    for (const text of [
      '',
      '10M',
      '..',
      '1..2..3',
      '>',
      '>x',
      '2G..1G',
      '<0',
      '10MM',
      '-',
      '1i..',
      '9'.repeat(30),
    ]) {
      expect(() => parseSizeRange(text), text).to.throw(/is no range of sizes/)
    }
  })

  it('is an audience of people and servers, or everybody, or nobody', () => {
    expect(parseVisibleTo([])).to.equal(undefined)
    expect(parseVisibleTo(['nobody'])).to.deep.equal({ kind: 'nobody' })
    expect(parseVisibleTo(['goethe.example', 'gretchen@markt.example', 'goethe.example'])).to.deep.equal({
      kind: 'only',
      domains: ['goethe.example'],
      peers: ['gretchen@markt.example'],
    })
    expect(() => parseVisibleTo(['everybody', 'goethe.example'])).to.throw(/leaves no room/)
    // A slip in `everybody` must not make a server of that name.
    expect(() => parseVisibleTo(['everyone'])).to.throw(/neither a person nor a server/)
    expect(() => parseVisibleTo(['a@b/c'])).to.throw(/neither/)
  })

  it('is a query with nothing in it that was not said, and a size alone is none', () => {
    const said: FilterOptions = { type: [], tag: [] }
    expect(readQuery([], said)).to.equal(undefined)
    expect(readQuery(['my', 'girl*'], said)).to.deep.equal({ words: 'my girl*' })
    const all = {
      type: ['Image'],
      tag: ['fotos'],
      size: '1k..',
      hash: root.toUpperCase(),
      peer: 'a@b/c',
      online: true,
    }
    expect(readQuery(['girl'], all)).to.deep.equal({
      words: 'girl',
      minSize: 1_000,
      types: ['image'],
      tags: ['fotos'],
      root,
      peer: 'a@b',
      online: true,
    })
    expect(() => readQuery([], { ...said, online: true })).to.throw(/alone is no search/)
    expect(() => readQuery([], { ...said, size: '..5' })).to.throw(/alone is no search/)
    expect(() => readQuery(['x'.repeat(201)], said)).to.throw(/at most 200/)
    expect(() => readQuery(['x'], { ...said, hash: 'abc' })).to.throw(/is no hash/)
    expect(() => readQuery(['x'], { ...said, type: ['image/png; x'] })).to.throw(/is no type/)
    expect(() => readQuery(['x'], { ...said, type: ['mp3'] })).to.throw(/is no type/)
  })

  it('is a file by its path, its name, its number or its hash', () => {
    const found = (no: number) => ({
      root: String(no).repeat(64).slice(0, 64),
      size: 1,
      path: `a/b/${no}.jpg`,
    })
    const wishes = (...words: string[]) => parseWishes(words, found)
    expect(wishes('faust@localhost', 'Bilder/2002/my girl.jpg')).to.deep.equal([
      { by: 'path', peer: 'faust@localhost', path: 'Bilder/2002/my girl.jpg' },
    ])
    expect(wishes('faust@localhost/dev', 'my_girl.jpg', 'Bilder/x')).to.deep.equal([
      { by: 'name', peer: 'faust@localhost/dev', name: 'my_girl.jpg' },
      { by: 'path', peer: 'faust@localhost', path: 'Bilder/x' },
    ])
    expect(wishes(root.toUpperCase(), '3')).to.deep.equal([
      { by: 'root', root },
      { by: 'root', root: '3'.repeat(64), filename: '3.jpg' },
    ])
    expect(() => wishes('faust@localhost')).to.throw(/not said/)
    expect(() => wishes('faust')).to.throw(/no address/)
    expect(() => wishes('1', 'my_girl.jpg')).to.throw(/neither a number/)
  })
})
