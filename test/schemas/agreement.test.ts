/**
 * The page, the XML schema, the codecs and the vectors say the same: each element, attribute, word and bound of one is in the others.
 * What a single stanza means is for the tests beside this one.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { edges } from '../../protocol/mediation/index.js'
import {
  actions,
  maxCandidates,
  maxDescription,
  maxFilename,
  maxFiles,
  maxJidBytes,
  maxReasonText,
  parseXml,
  reasons,
  refusals,
} from '../../schemas/index.js'
import { localName } from '../../schemas/xml.js'
import { tablesOf, word } from './tables.js'
import { codecs, vectorsOf } from './vectors.js'
import { below, Xsd } from './xsd.js'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const table = tablesOf(read('docs/protocol.md'))
const xsd = new Xsd('jabberfs-transfer-1.xsd')
/** Words in back quotes, in order. */
const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

const valid = Object.keys(codecs).flatMap((action) => vectorsOf(action, 'valid'))
const vectors = new Map(
  Object.keys(codecs).map((action) => [
    action,
    valid.filter((vector) => vector.action === action).map(({ canonical }) => parseXml(canonical)),
  ]),
)
const everything = [...vectors.values()].flat().flatMap(below)
const textsOf = (name: string) =>
  new Set(everything.filter((each) => localName(each) === name).map((each) => each.getText()))

describe('the page, the schema, the codecs and the vectors of jabberfs:transfer:1', () => {
  const rows = table('element').map(([name, attributes, children]) => ({
    name: word(name!),
    attributes: quoted(attributes!),
    children: quoted(children!),
  }))

  it('have the same stanzas', () => {
    const conditions = table('code').flatMap(
      ([, , , beside]) => beside!.match(/<([a-z-]+)(?! xmlns)[^>]*>/g) ?? [],
    )
    const besides = conditions
      .filter((each) => !each.includes('xmlns'))
      .map((each) => /[a-z-]+/.exec(each)![0])
    const roots = xsd.roots
    expect(roots.toSorted()).to.deep.equal([...new Set([...Object.keys(codecs), ...besides])].toSorted())
    expect(rows.map(({ name }) => name)).to.deep.equal(['login', ...Object.keys(actions)])
  })

  for (const { name, attributes, children } of rows) {
    it(`say alike what is in ${name}, in which order, and show each of it`, () => {
      const element = xsd.named('element', name)
      const words = attributes.filter((each) => each !== 'every')
      expect(xsd.attributes(element).toSorted(), 'attributes of the schema').to.deep.equal(words.toSorted())
      expect(
        xsd.children(element).filter((each) => each !== 'candidate' || children.includes(each)),
      ).to.deep.equal(children)
      const shown = vectors.get(name)!
      for (const attribute of words) {
        expect(
          shown.some(({ attrs }) => attrs[attribute] !== undefined),
          `@${attribute}`,
        ).to.equal(true)
      }
      for (const child of children) {
        expect(
          shown.some((each) => each.getChild(child) !== undefined),
          child,
        ).to.equal(true)
      }
    })
  }

  it('say alike what is in a file', () => {
    const [, , inside] = table('inside').find(([name]) => name === '`file`')!
    expect(xsd.children(xsd.named('complexType', 'file'))).to.deep.equal(quoted(inside!))
    for (const child of quoted(inside!)) expect(textsOf(child), child).not.to.have.lengthOf(0)
  })

  it('have the same routing', () => {
    const listed = table('attribute').map(([name]) => word(name!))
    const routing = xsd.attributes(xsd.named('attributeGroup', 'routing'))
    expect(listed.slice(0, routing.length)).to.deep.equal(routing)
    for (const attribute of routing) {
      expect(
        everything.some(({ attrs }) => attrs[attribute] !== undefined),
        attribute,
      ).to.equal(true)
    }
  })

  it('have the same words: reasons, kinds of candidates, states', () => {
    expect(xsd.words(xsd.named('simpleType', 'reason'))).to.deep.equal([...reasons])
    expect([...reasons].filter((reason) => !textsOf('reason').has(reason))).to.deep.equal([])
    const kinds = xsd.words(xsd.named('complexType', 'candidate'))
    const candidates = table('inside').filter(([name]) => name === '`candidate`')
    expect(candidates.flatMap(([, attributes]) => quoted(attributes!).slice(1))).to.have.members(kinds)
    expect(table('kind').map(([kind]) => word(kind!))).to.have.members(kinds)
    const shown = everything.filter((each) => localName(each) === 'candidate').map(({ attrs }) => attrs.kind)
    expect([...new Set(shown)]).to.have.members(kinds)
    expect(xsd.words(xsd.named('simpleType', 'state'))).to.have.members(Object.keys(edges))
  })

  it('have the same bounds', () => {
    const longest = (type: string) =>
      below(xsd.named('simpleType', type)).find((each) => localName(each) === 'maxLength')?.attrs.value
    expect({
      filename: longest('filename'),
      desc: longest('desc'),
      text: longest('reasonText'),
      jid: longest('jid'),
    }).to.deep.equal({
      filename: String(maxFilename),
      desc: String(maxDescription),
      text: String(maxReasonText),
      jid: String(maxJidBytes),
    })
    const most = (name: string) =>
      new Set(xsd.all.flatMap(({ attrs }) => (attrs.name === name && attrs.maxOccurs) || []))
    expect([...most('file')]).to.deep.equal([String(maxFiles)])
    expect([...most('candidate')]).to.deep.equal([String(maxCandidates)])
  })

  it('have no refusal that nobody says', () => {
    const root = new URL('../../../', import.meta.url).pathname
    const code = ['component', 'wire', 'schemas']
      .flatMap((room) =>
        readdirSync(root + room, { recursive: true, encoding: 'utf8' }).map((path) => `${room}/${path}`),
      )
      .filter((path) => path.endsWith('.ts') && path !== 'schemas/refusal.ts')
      .map(read)
      .join('\n')
    const isSaid = (refusal: string) => code.includes(`'${refusal}'`)
    expect(Object.keys(refusals).filter((refusal) => !isSaid(refusal))).to.deep.equal([])
  })

  it('show each refusal that there is, with all that may be beside it', () => {
    const shown = vectorsOf('refusal', 'valid')
    const said = new Set(
      shown.map(({ expected }) => {
        const { condition, type } = expected as { condition: string; type: string }
        return `${condition}/${type}`
      }),
    )
    const all = Object.values(refusals).map(({ condition, type }) => `${condition}/${type}`)
    expect(all.filter((each) => !said.has(each))).to.deep.equal([])
    const beside = new Set(
      shown.flatMap(({ expected }) => (expected as { app?: { name: string } }).app?.name ?? []),
    )
    const roots = xsd.roots
    expect(roots.filter((name) => !(name in codecs) && !beside.has(name))).to.deep.equal([])
  })
})
