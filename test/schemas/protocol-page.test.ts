/** docs/protocol.md is the authority on the wire: its examples, tables and figures have to be what the code does. */

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { blake3 } from '../../bytes/blake3.js'
import { rootOf } from '../../bytes/root.js'
import { usualLimits } from '../../component/config/config.js'
import { maxStanzaBytes } from '../../component/limits/largest.js'
import { FrameType, frameHeaderBytes, maxPayloadBytes, maxPieceBytes } from '../../protocol/frames.js'
import { portAllowed } from '../../protocol/ports.js'
import { maxSockets } from '../../protocol/sockets.js'
import {
  actions,
  maxAttempt,
  maxCandidates,
  maxDescription,
  maxDirectCandidates,
  maxFilename,
  maxFiles,
  maxFilesize,
  maxJidBytes,
  maxReasonText,
  maxRelayCandidates,
  nsTransfer,
  parseXml,
  readDiscoInfo,
  readRefusal,
  reasons,
  refusals,
} from '../../schemas/index.js'
import { childElements, type Element, isElement, localName, namespaceOf } from '../../schemas/xml.js'
import { componentLimits } from '../../wire/limits.js'
import { counts, tablesOf, word } from './tables.js'
import { codecs, compact, schemaRefuses } from './vectors.js'

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
const table = tablesOf(page)

/** The stanzas of all examples. */
function examples(): Element[] {
  const blocks = [...page.matchAll(/^```xml\n([\s\S]*?)^```$/gm)]
  return blocks.flatMap(([, text]) => childElements(parseXml(`<page>${text}</page>`)))
}

describe('the page of the protocol', () => {
  it('has examples that are well made, and in canonical form', () => {
    let seen = 0
    for (const stanza of examples()) {
      for (const payload of childElements(stanza)) {
        if (namespaceOf(payload) !== nsTransfer) continue
        const codec = codecs[localName(payload)]!
        const text = String(payload)
        expect(String(codec.write(codec.read(payload))), text).to.equal(compact(text))
        expect(schemaRefuses(compact(text)), text).to.equal(undefined)
        seen++
      }
    }
    expect(seen).to.be.greaterThan(25)
  })

  it('has an example of every action', () => {
    const shown = new Set(examples().flatMap((stanza) => childElements(stanza).map(localName)))
    expect(Object.keys(actions).filter((name) => !shown.has(name))).to.deep.equal([])
  })

  it('has errors that are rows of the table of refusals', () => {
    const known = Object.values(refusals).map(({ condition, type }) => `${condition}/${type}`)
    const errors = examples().filter((stanza) => stanza.attrs.type === 'error')
    expect(errors.length).to.be.greaterThan(2)
    for (const stanza of errors) {
      const { condition, type } = readRefusal(stanza.getChild('error'))
      expect(known).to.include(`${condition}/${type}`)
    }
  })

  it('lists exactly the refusals that there are', () => {
    const listed = table('code').map(([code, condition, type]) => [word(code!), condition, type])
    expect(listed).to.deep.equal(
      Object.entries(refusals).map(([code, { condition, type }]) => [code, condition, type]),
    )
  })

  it('lists exactly the stanzas and reasons that there are', () => {
    expect(table('element').map(([name]) => word(name!))).to.deep.equal(['login', ...Object.keys(actions)])
    expect(table('reason').map(([name]) => word(name!))).to.deep.equal([...reasons])
  })

  it('lists exactly the frames that there are', () => {
    const listed = table('type').map(([type, name]) => [word(name!), Number(type)])
    expect(Object.fromEntries(listed)).to.deep.equal(FrameType)
    expect(page).to.contain(`each a header of ${frameHeaderBytes} bytes`)
    expect(page).to.contain(`at most ${counts(maxPayloadBytes)}`)
  })

  it('names the limits that hold', () => {
    const limits = Object.fromEntries(table('what').map(([what, limit]) => [word(what!), limit]))
    expect(limits['a file']).to.contain(counts(maxFilesize))
    expect(limits['files in an offer']).to.equal(counts(maxFiles))
    expect(limits.filename).to.contain(counts(maxFilename))
    expect(limits.desc).to.contain(counts(maxDescription))
    expect(limits['text of a reason']).to.contain(counts(maxReasonText))
    expect(limits['candidates in an attempt, from each side']).to.equal(counts(maxCandidates))
    expect(limits['of them direct']).to.equal(counts(maxDirectCandidates))
    expect(limits['of them relays']).to.equal(counts(maxRelayCandidates))
    expect(limits['of them inside XMPP']).to.equal(
      counts(maxCandidates - maxDirectCandidates - maxRelayCandidates),
    )
    expect(limits['attempts of a transfer']).to.equal(counts(maxAttempt))
    expect(limits['a JID']).to.contain(counts(maxJidBytes))
    expect(limits["a device's stanza"]).to.contain(`${maxStanzaBytes / 1_024} KiB`)
    const { stanza, depth, elements, attributes, outgoing } = componentLimits
    expect(limits['a stanza that the component reads']).to.equal(
      `${counts(stanza)} UTF-16 units, ${depth} levels, ${counts(elements)} elements, ${attributes} attributes on one`,
    )
    expect(limits['a stanza that anybody writes']).to.contain(counts(outgoing))
    expect(limits['sockets of a link']).to.equal(counts(maxSockets))
    expect(limits['a piece']).to.contain(counts(maxPieceBytes))
  })

  it('names what a component usually allows', () => {
    const limits = Object.fromEntries(
      table('what').map(([what, limit]) => [word(what!), Number(limit?.replace(',', ''))]),
    )
    const { pendingPerPair, pendingPerRecipient, pendingPerAuthor, devicesPerPeer } = usualLimits
    expect(limits).to.include({
      'open offers and requests of one author to one peer': pendingPerPair,
      'open offers and requests to one peer, of those with whom he has had to do': pendingPerRecipient,
      'of others': pendingPerRecipient,
      'of others of one domain that is not his own': pendingPerRecipient / 2,
      'offers and requests of one author that have not ended': pendingPerAuthor,
      'devices of a peer': devicesPerPeer,
    })
  })

  it('lists exactly the ports that are not dialled', () => {
    const [, text] = /^```ports\n([\s\S]*?)^```$/m.exec(page) ?? []
    const listed = text!.trim().split(/\s+/).map(Number)
    const refused = Array.from({ length: 65_536 - 1_024 }, (_, index) => index + 1_024).filter(
      (port) => !portAllowed(port),
    )
    expect(listed).to.deep.equal(refused)
  })

  it('has roots that an implementation can check itself by', () => {
    const listed = table('file').map(([, root]) => word(root!))
    const zeros = Buffer.concat([blake3.hash(Buffer.alloc(2 ** 20)), blake3.hash(Buffer.alloc(1))])
    const roots = [
      rootOf(0, new Uint8Array(0)),
      rootOf(1, blake3.hash(Buffer.from('a'))),
      rootOf(2 ** 20 + 1, zeros),
    ]
    expect(listed).to.deep.equal(roots.map((root) => Buffer.from(root).toString('hex')))
  })

  it('shows an answer to disco#info that can be read', () => {
    const queries = examples()
      .flatMap(childElements)
      .filter((payload) => localName(payload) === 'query')
    const info = readDiscoInfo(queries[0]!)
    expect(isElement(queries[0]!, 'query', 'http://jabber.org/protocol/disco#info')).to.equal(true)
    expect(info.features).to.include(nsTransfer)
    expect(info.forms[0]?.fields['max-file-size']).to.deep.equal([String(maxFilesize)])
  })

  it('has a target for each of its own links', () => {
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    )
    const wanted = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor)
    expect(wanted.filter((anchor) => !anchors.includes(anchor!))).to.deep.equal([])
  })
})
