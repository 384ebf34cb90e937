/** How a folder comes on is said before it is summed up, never afterwards. */

import { expect } from 'chai'
import { FolderSum } from '../../cli/holder/folder-sum.js'
import type { Report } from '../../cli/words.js'
import type { CatalogueClient, PeerShare } from '../../client-plugin/index.js'

describe('the sum of a folder', () => {
  it('is the last that is said, whenever it is known how many files there are', async () => {
    const said: Report['report'][] = []
    const sum = new FolderSum('faust@h', place, { report: ({ report }) => said.push(report) })
    let answer = (_page: object) => {}
    const asked = new Promise<object>((resolve) => {
      answer = resolve
    })
    const catalogue = { browse: () => asked } as unknown as CatalogueClient
    const counting = sum.count(catalogue, place, new AbortController().signal)
    sum.there()
    sum.end(true)
    answer({ items: [{ kind: 'folder', path: 'sub', files: 1 }] })
    await counting
    expect(said).to.deep.equal(['folder-getting', 'folder-got'])
  })
})

const place = {
  share: { id: 's', name: 'Tales', tags: [], files: 9, bytes: 9 } satisfies PeerShare,
  path: 'sub',
  label: 'Tales',
}
