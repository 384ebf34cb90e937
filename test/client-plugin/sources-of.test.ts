/** Who has a content, page after page: as many as are worth a look, and no page after one with nothing on it. */

import { expect } from 'chai'
import { sourcesOf } from '../../client-plugin/getting/sources-of.js'
import type { Source } from '../../client-plugin/index.js'

describe('the sources of a content', () => {
  const source: Source = { peer: 'a@b.example', share: 'a-share-1', path: 'a', isOnline: true, modified: 0 }
  const { signal } = new AbortController()

  /** @returns how many sources came, and how many pages were asked for */
  async function come(onPage: number, pages: number) {
    let asked = 0
    const sources = async () => {
      const next = ++asked < pages ? 'on' : undefined
      return { items: Array(onPage).fill(source), next, previous: undefined, count: undefined }
    }
    return [(await sourcesOf({ sources }, '00', signal)).length, asked]
  }

  it('come page after page, the first few hundred', async () => {
    expect(await come(20, 3)).to.deep.equal([60, 3])
    expect(await come(100, 1_000)).to.deep.equal([300, 3])
  })

  it('are not looked for without end where pages have nothing on them (P16)', async () => {
    expect(await come(0, 1_000)).to.deep.equal([0, 1])
  })
})
