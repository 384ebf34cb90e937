/** What a component answers in elements, as one that has never heard of lines does, is shown as what it answers in lines. */

import { expect } from 'chai'
import { itemsOf } from '../../client-plugin/catalogue/values.js'
import { type Entry, listing, parseXml } from '../../schemas/index.js'

const file: Entry = {
  path: 'my_girl.jpg',
  size: 35_012,
  modified: 1_013_545_379,
  root: new Uint8Array(32).fill(7),
  type: 'image/jpeg',
  tags: ['fotos'],
}
const folder = { path: 'Februar', files: 12 }

describe('a folder of somebody', () => {
  it('shows the same, folders first, whether it is told in elements or in lines (case 34)', () => {
    const read = (value: Parameters<typeof listing.write>[0]) =>
      itemsOf(listing.read(parseXml(String(listing.write(value)))), '2002')
    const inElements = read({ folders: [folder], files: [file] })
    expect(inElements.map(({ kind, path }) => `${kind} ${path}`)).to.deep.equal([
      'folder 2002/Februar',
      'file 2002/my_girl.jpg',
    ])
    expect(read({ folders: [], files: [], lines: [folder, file] })).to.deep.equal(inElements)
  })
})
