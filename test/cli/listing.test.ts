/** Lists page after page, and paths in shares, against a catalogue that is only its promises. */
import { expect } from 'chai'
import type { Conversation } from '../../cli/holder/conversation.js'
import { list } from '../../cli/holder/listing.js'
import { findPlaces, theOne } from '../../cli/holder/share-path.js'
import type { Remark, Report } from '../../cli/words.js'
import {
  type CatalogueClient,
  FileTransferError,
  type Page,
  type PageWish,
  type PeerShare,
} from '../../client-plugin/index.js'

/** A list of so many numbers; pages are never full, because they are full by bytes. */
function numbers(total: number, mostInPage = 37, counted = true) {
  const asked: number[] = []
  return {
    asked,
    async ask({ max = 100, after }: PageWish): Promise<Page<number>> {
      asked.push(max)
      const from = after === undefined ? 0 : Number(after)
      const to = Math.min(total, from + Math.min(max, mostInPage))
      const items = Array.from({ length: to - from }, (_each, at) => from + at)
      const next = to < total ? String(to) : undefined
      return { items, next, previous: undefined, count: counted ? total : undefined }
    },
  }
}

function talk(answers: boolean[] = []) {
  const reports: Report[] = []
  const listeners = new Set<(remark: Remark) => void>()
  let waits = 0
  const conversation: Conversation = {
    report(report) {
      reports.push(report)
      if (report.report !== 'page' || !report.asked) return
      const accept = answers.shift() ?? false
      queueMicrotask(() => {
        for (const listener of [...listeners]) listener({ remark: 'answer', to: 'page', accept })
      })
    },
    caughtUp: async () => {
      waits++
    },
    onRemark(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    gone: new AbortController().signal,
  }
  return { conversation, reports, waits: () => waits }
}
const never = new AbortController().signal

describe('a list that is asked for page after page', () => {
  it('has all of a hundred thousand rows, once each and in order, one page at a time', async () => {
    const { ask } = numbers(100_000)
    const { conversation, reports, waits } = talk()
    let next = 0
    await list(
      'item',
      {},
      ask,
      (item, no) => expect([item, no]).to.deep.equal([next, ++next]),
      conversation,
      never,
    )
    expect(next).to.equal(100_000)
    expect(reports).to.deep.equal([
      { report: 'page', of: 'item', shown: 100_000, count: 100_000, more: false, asked: false },
    ])
    // After each page it waits until that was read.
    expect(waits()).to.equal(Math.ceil(100_000 / 37) - 1)
  })

  it('ends at what was wanted, asks for no more than that, and says that there are more', async () => {
    const { ask, asked } = numbers(1_000)
    const { conversation, reports } = talk()
    const seen: number[] = []
    await list('hit', { max: 80 }, ask, (item) => seen.push(item), conversation, never)
    expect(seen).to.have.length(80)
    expect(asked).to.deep.equal([80, 43, 6])
    expect(reports.at(-1)).to.include({ shown: 80, more: true, asked: false })
  })

  it('asks after each page of a terminal, and ends when the person has seen enough', async () => {
    const { ask } = numbers(1_000, 100, false)
    const { conversation, reports } = talk([true, false])
    const seen: number[] = []
    await list('hit', { rows: 20 }, ask, (item) => seen.push(item), conversation, never)
    expect(seen).to.have.length(40)
    const pages = reports.filter((report) => report.report === 'page')
    expect(pages.map((page) => page.asked)).to.deep.equal([true, true])
  })

  it('goes on, at a pace, where the component answers only so often', async () => {
    const { ask } = numbers(300, 100)
    const { conversation } = talk()
    let refusals = 0
    const slow = async (wish: PageWish) => {
      if (wish.after === '200' && refusals++ === 0) throw new FileTransferError('too-fast')
      return ask(wish)
    }
    const seen: number[] = []
    await list('item', {}, slow, (item) => seen.push(item), conversation, never)
    expect(seen).to.have.length(300)
    expect(refusals).to.equal(2)
  })

  it('with nothing in it says so', async () => {
    const { conversation, reports } = talk()
    await list('hit', {}, numbers(0).ask, () => expect.fail('no row'), conversation, never)
    expect(reports).to.deep.equal([
      { report: 'page', of: 'hit', shown: 0, count: 0, more: false, asked: false },
    ])
  })
})

describe('a path as people write it', () => {
  const share = (id: string, name: string): PeerShare => ({ id, name, tags: [], files: 1, bytes: 1 })
  const places = (shares: PeerShare[], path: string) => {
    const catalogue = {
      shares: async () => ({ items: shares, next: undefined, previous: undefined, count: shares.length }),
    } as unknown as CatalogueClient
    return findPlaces(catalogue, 'faust@localhost', path, never)
  }

  it('begins with a share’s name or its id, and goes on in it', async () => {
    const shares = [share('s1', 'Music'), share('s2', 'Bilder')]
    const [place] = await places(shares, 'Music/Gounod/Faust.ogg')
    expect(place).to.deep.include({ path: 'Gounod/Faust.ogg', label: 'Music' })
    expect((await places(shares, 's2'))[0]).to.deep.include({ path: '', label: 'Bilder' })
    expect((await places(shares, '/Music/a/'))[0]).to.deep.include({ path: 'a' })
  })

  it('takes the longer name where one is the beginning of another, and either spelling of a letter', async () => {
    const shares = [share('s1', 'Music'), share('s2', 'Music/old'), share('s3', 'Tiere\u0301')]
    expect(theOne(await places(shares, 'Music/old/a'), 'faust@localhost')).to.deep.include({
      path: 'a',
      label: 's2',
    })
    expect((await places(shares, 'Tier\u00e9/x'.normalize('NFC')))[0]).to.deep.include({ path: 'x' })
  })

  it('is refused where no share has the name, and by ids where two have it', async () => {
    const twins = [share('s1', 'Music'), share('s2', 'Music')]
    expect(() => places).not.to.throw()
    const refused = await places(twins, '../etc/passwd').catch((error: Error) => error)
    expect(refused).to.be.instanceOf(Error).with.property('message').that.contains('has no share')
    const both = await places(twins, 'Music/a')
    expect(both.map(({ label }) => label)).to.deep.equal(['s1', 's2'])
    expect(() => theOne(both, 'faust@localhost')).to.throw(/2 shares of that name/)
  })
})
