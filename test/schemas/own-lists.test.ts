/** The lists that a server keeps for an account, as they are read: leniently, and never more than is bounded. */

import { expect } from 'chai'
import {
  isBlockPush,
  Malformed,
  maxRosterItems,
  nsRoster,
  parseXml,
  readBlockList,
  readRoster,
  xml,
} from '../../schemas/index.js'

const roster = (items: string) => readRoster(parseXml(`<query xmlns='jabber:iq:roster'>${items}</query>`))

describe('a list that the server keeps for an account', () => {
  it('of contacts has their bare addresses, folded, and how each is subscribed', () => {
    expect(
      roster(`<item jid='Mephisto@Goethe.example/Pult' subscription='both' name='M'><group>Hölle</group></item>
        <item jid='wagner@goethe.example'/><item jid='gretchen@goethe.example' subscription='frm'/>
        <item jid='valentin@goethe.example' subscription='remove' ask='subscribe'/>
        <item subscription='both'/><item jid='@' subscription='both'/><other jid='a@b' subscription='both'/>`),
    ).to.deep.equal([
      { jid: 'mephisto@goethe.example', subscription: 'both' },
      { jid: 'wagner@goethe.example', subscription: 'none' },
      { jid: 'gretchen@goethe.example', subscription: 'none' },
      { jid: 'valentin@goethe.example', subscription: 'remove' },
    ])
  })

  it('is not read beyond its bound (P16)', () => {
    const item = (_: unknown, n: number) => xml('item', { jid: `c${n}@a.example` })
    const many = Array.from({ length: maxRosterItems + 5 }, item)
    expect(readRoster(xml('query', { xmlns: nsRoster }, ...many))).to.have.length(maxRosterItems)
  })

  it('of whom it blocks has people and domains', () => {
    const items = ['hexen.example', 'a@b.example', 'a@b.example/c', ''].map((jid) => `<item jid='${jid}'/>`)
    const list = parseXml(`<blocklist xmlns='urn:xmpp:blocking'>${items.join('')}</blocklist>`)
    expect(readBlockList(list)).to.deep.equal({ domains: ['hexen.example'], peers: ['a@b.example'] })
    expect(isBlockPush(parseXml(`<block xmlns='urn:xmpp:blocking'/>`))).to.equal(true)
    expect(isBlockPush(list)).to.equal(false)
  })

  it('is nothing else', () => {
    expect(() => readRoster(parseXml(`<query xmlns='jabber:iq:private'/>`))).to.throw(Malformed)
    expect(() => readBlockList(parseXml(`<blocklist xmlns='other'/>`))).to.throw(Malformed)
  })
})
