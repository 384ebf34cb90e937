/** Whose offers are shown, as a rule of the plugin's own: the component keeps the blocked away too, but nobody has to rely on it. */

import { expect } from 'chai'
import { Welcome } from '../../../client-plugin/contacts/welcome.js'

describe('whose offers are shown', () => {
  const list = (...people: string[]) => ({ has: (peer: string) => people.includes(peer) })
  const notRead = { has: () => undefined }
  const faust = 'faust@localhost'

  it('are those of contacts, of other devices of one’s own, and of whom one lets in; of nobody who is blocked (case 24)', () => {
    const welcome = new Welcome({
      contacts: list(faust, 'mallory@evil'),
      blocked: list('mallory@evil'),
      self: () => 'me@localhost',
    })
    const stop = welcome.admit('contacts')
    const verdicts = () =>
      [faust, 'wagner@localhost', 'mallory@evil', 'me@localhost'].map((one) => welcome.judge(one))
    expect(verdicts()).to.deep.equal(['welcome', 'unwelcome', 'unwelcome', 'welcome'])
    const all = welcome.admit('everybody')
    expect(verdicts()).to.deep.equal(['welcome', 'welcome', 'unwelcome', 'welcome'])
    all()
    stop()
    expect(welcome.judge(faust)).to.equal('unwelcome')
  })

  it('is not known before the lists are read, and nothing is shown until then', () => {
    const blocked = new Welcome({ contacts: list(faust), blocked: notRead, self: () => undefined })
    blocked.admit('everybody')
    expect(blocked.judge(faust)).to.equal('unknown')
    const contacts = new Welcome({ contacts: notRead, blocked: list(), self: () => undefined })
    contacts.admit('contacts')
    expect(contacts.judge(faust)).to.equal('unknown')
  })
})
