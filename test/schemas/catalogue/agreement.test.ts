/**
 * The page and the XML schema of the catalogue say the same of each element: its attributes, and its children in their order; the
 * vectors show each of them.
 */

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { catalogueElements, parseXml } from '../../../schemas/index.js'
import { tablesOf, word } from '../tables.js'
import { vectorsOf } from '../vectors.js'
import { Xsd } from '../xsd.js'

const table = tablesOf(readFileSync(new URL('../../../../docs/catalogue.md', import.meta.url), 'utf8'))
const xsd = new Xsd('jabberfs-catalogue-1.xsd')
/** Words in back quotes, in order; what is in brackets is about what is in front of them. */
const quoted = (cell: string) =>
  [...cell.replace(/\(.*?\)(?!\()/g, '').matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
/** XEP-0059's, which the schema has as an element of another namespace. */
const isOurs = (name: string) => name !== 'set'

describe('the page and the schema of jabberfs:catalogue:1', () => {
  const rows = table('element').map(([name, , attributes, children]) => ({
    name: word(name!),
    attributes: quoted(attributes!),
    children: quoted(children!).filter(isOurs),
    isSearch: /a search's/.test(children!),
  }))

  it('have the same elements', () => {
    const names = rows.map(({ name }) => name).toSorted()
    expect(xsd.roots.toSorted()).to.deep.equal(names)
    expect(Object.keys(catalogueElements).toSorted()).to.deep.equal(names)
  })

  for (const { name, attributes, children, isSearch } of rows) {
    it(`say alike what is in ${name}`, () => {
      const element = xsd.named('element', name)
      const common = isSearch ? xsd.children(xsd.named('complexType', 'criteria')) : []
      expect(xsd.attributes(element)).to.have.members(attributes)
      expect(xsd.children(element)).to.deep.equal([...common, ...children])
      const shown = vectorsOf(name, 'valid', 'vectors-catalogue').map(({ canonical }) => parseXml(canonical))
      const isShown = (child: string) => shown.some((each) => each.getChild(child) !== undefined)
      expect(
        [...common, ...children].filter((child) => !isShown(child)),
        'in no vector',
      ).to.deep.equal([])
      const isSaid = (attribute: string) => shown.some(({ attrs }) => attrs[attribute] !== undefined)
      expect(
        attributes.filter((attribute) => !isSaid(attribute)),
        'in no vector',
      ).to.deep.equal([])
    })
  }

  it('say alike what a search looks for', () => {
    const page = readFileSync(new URL('../../../../docs/catalogue.md', import.meta.url), 'utf8')
    const [, listed = ''] = /^A search's children are (.*)\.$/m.exec(page) ?? []
    expect(xsd.children(xsd.named('complexType', 'criteria'))).to.deep.equal(quoted(listed))
  })

  it('say alike what is in the shares, peers and sources that are listed', () => {
    const types = { 'share-list': 'sharedFolder', 'peer-list': 'sharingPeer', 'source-list': 'source' }
    for (const [name, type] of Object.entries(types)) {
      const [, , , children] = table('element').find(([element]) => word(element!) === name)!
      const [, inside = ''] = /\(([^;)]*)/.exec(children!) ?? []
      const said = [...inside.matchAll(/`([^`]+)`/g)].map(([, attribute]) => attribute)
      expect(xsd.attributes(xsd.named('complexType', type)), name).to.have.members(said)
    }
  })
})
