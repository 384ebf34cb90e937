/** Pages of a frozen result whose items have gone: one question stays a few looks. */

import { expect } from 'chai'
import { cursorOf, FrozenResults } from '../../../component/catalogue/frozen-results.js'
import { cutOf, pageOf } from '../../../component/catalogue/pages.js'
import type { Where } from '../../../component/catalogue/values.js'
import { frozenPage } from '../../../component/desk/frozen-page.js'
import { asElements, countedTag, type PageWanted } from '../../../schemas/index.js'

const asker = 'gretchen@goethe.example'
const all = Array.from({ length: 1_000 }, (_, at) => ({ tag: `t${at}`, files: 1 }))

describe('a frozen result of which most has gone (case 52, P17)', () => {
  const frozen = new FrozenResults<{ tag: string; files: number }>(() => 0)
  const result = frozen.freeze(asker, all)

  async function ask(wanted: PageWanted, isThere: (at: number) => boolean) {
    let looks = 0
    const turn = async (where: Where, max: number) => {
      looks++
      const cut = cutOf(frozen, asker, where, max)!
      const values = cut.items.map(({ item }) => (isThere(all.indexOf(item)) ? item : undefined))
      return { kind: 'ok' as const, ...pageOf(cut, values) }
    }
    const page = await frozenPage({
      wanted,
      measure: asElements(countedTag),
      most: 100,
      find: async (max) => ({ result, ...(await turn({ result, index: 0 }, max)) }),
      turn,
      described: (tag) => tag,
    })
    return { looks, tags: page.items.map(({ tag }) => tag) }
  }

  it('is looked through in a few steps, however small the page is', async () => {
    const none = await ask({ max: 1, after: cursorOf(result, 0) }, () => false)
    expect(none.tags).to.deep.equal([])
    expect(none.looks).to.be.at.most(20)
    const back = await ask({ max: 1, before: cursorOf(result, 999) }, () => false)
    expect(back.tags).to.deep.equal([])
    expect(back.looks).to.be.at.most(20)
  })

  it('gives what is left, each once, both ways', async () => {
    const isThere = (at: number) => at % 7 === 3 && at > 300
    const left = all.filter((_, at) => isThere(at)).map(({ tag }) => tag)
    for (const way of ['after', 'before'] as const) {
      const found: string[] = []
      let mark = cursorOf(result, way === 'after' ? 0 : 999)
      for (;;) {
        const { tags } = await ask({ max: 2, [way]: mark }, isThere)
        if (tags.length === 0) break
        expect(tags.length).to.be.at.most(2)
        found.push(...(way === 'after' ? tags : tags.reverse()))
        mark = cursorOf(result, Number(found.at(-1)!.slice(1)))
      }
      expect(found).to.deep.equal(way === 'after' ? left : [...left].reverse())
    }
  })
})

describe('a frozen result of a search that ended early (case 56)', () => {
  it('is given without a count, on each page and where the count alone is asked for', async () => {
    const frozen = new FrozenResults<{ tag: string; files: number }>(() => 0)
    const count = async (isPartial: boolean, wanted: PageWanted) => {
      const result = frozen.freeze(asker, all, isPartial)
      const turn = async (where: Where, max: number) => {
        const cut = cutOf(frozen, asker, where, max)!
        const values = cut.items.map(({ item }) => item)
        return { kind: 'ok' as const, ...pageOf(cut, values) }
      }
      const find = async (max: number) => ({ result, ...(await turn({ result, index: 0 }, max)) })
      const after = wanted.after === undefined ? {} : { after: cursorOf(result, 10) }
      const options = {
        measure: asElements(countedTag),
        most: 100,
        find,
        turn,
        described: (tag: (typeof all)[0]) => tag,
      }
      return (await frozenPage({ wanted: { ...wanted, ...after }, ...options })).given.count
    }
    for (const wanted of [{ max: 5 }, { max: 0 }, { max: 5, after: '' }]) {
      expect(await count(false, wanted)).to.equal(1_000)
      expect(await count(true, wanted)).to.equal(undefined)
    }
  })
})
