/** What the component says, on a real Prosody, to those who take it for a contact, or for a server with accounts. */

import { expect } from 'chai'
import {
  type Element,
  nsCatalogue,
  nsCommands,
  nsDataForms,
  nsDiscoInfo,
  nsDiscoItems,
  nsFileSharing,
  nsRegister,
  nsSearch,
  nsTime,
  nsTransfer,
  nsVersion,
  readRefusal,
  xml,
} from '../../schemas/index.js'
import { ping } from '../../schemas/xep/ping.js'
import { createComponentEntity, onMessage, onPresence, request } from '../../wire/index.js'
import { type Device, Inbox, newDevice, refusalOf, Stage } from './stage.js'

const nsRoster = 'jabber:iq:roster'

describe('the component, taken for what it is not', () => {
  let stage: Stage
  let faust: Device

  before(async () => {
    stage = await Stage.open(
      { limits: { perJid: { burst: 100, perSecond: 1 } } },
      {},
      { components: ['other.localhost'] },
    )
    faust = await stage.device('faust')
  })
  after(() => stage.close())

  /** All that the component said to this client by the time it has answered all that was said before. */
  async function heardOf(who: Device, say: () => Promise<unknown>): Promise<string[]> {
    const heard: Element[] = []
    const listen = (element: Element) => {
      if (element.attrs.from?.endsWith(stage.domain)) heard.push(element)
    }
    who.entity.on('element', listen)
    await say()
    await who.ask(ping(), 'get')
    who.entity.off('element', listen)
    return heard.filter(({ name }) => name !== 'iq').map(({ name, attrs }) => `${name} ${attrs.type}`)
  }

  describe('for a server with accounts', () => {
    const questions: [string, 'get' | 'set', Element][] = [
      ['a ping', 'get', ping()],
      ['what it is', 'get', xml('query', { xmlns: nsDiscoInfo })],
      ['what a node is', 'get', xml('query', { xmlns: nsDiscoInfo, node: nsCommands })],
      ['what it has', 'get', xml('query', { xmlns: nsDiscoItems })],
      ['its version', 'get', xml('query', { xmlns: nsVersion })],
      ['its time', 'get', xml('time', { xmlns: nsTime })],
      ['a form to search with', 'get', xml('query', { xmlns: nsSearch })],
      ['to register', 'set', xml('query', { xmlns: nsRegister })],
      ['a command', 'set', xml('command', { xmlns: nsCommands, node: 'transfers' })],
      ['its files', 'get', xml('query', { xmlns: nsFileSharing })],
      ['a word of ours', 'set', xml('offer', { xmlns: nsTransfer })],
      ['a word of the catalogue', 'get', xml('peers', { xmlns: nsCatalogue })],
      ['an action that there is not', 'set', xml('teleport', { xmlns: nsTransfer })],
      ['a card', 'get', xml('vCard', { xmlns: 'vcard-temp' })],
    ]
    for (const [what, type, payload] of questions) {
      it(`has nobody at anyone@ its domain who would be asked for ${what}`, async () => {
        for (const to of [`anyone@${stage.domain}`, `anyone@${stage.domain}/x`]) {
          expect(await refusalOf(request(faust.entity, { to, type, payload }))).to.equal(
            'service-unavailable/cancel',
          )
        }
      })
    }

    it('is itself at an address of it with a resource', async () => {
      await request(faust.entity, { to: `${stage.domain}/x`, type: 'get', payload: ping() })
    })

    it('logs in nobody there, and says nothing to presence', async () => {
      const gretchen = await stage.client('gretchen')
      const to = `anyone@${stage.domain}`
      const login = xml('login', { xmlns: nsTransfer, device: gretchen.id })
      const heard = await heardOf(gretchen, async () => {
        await gretchen.entity.send(xml('presence', { to }, login))
        for (const type of ['subscribe', 'probe', 'unsubscribe', 'unavailable']) {
          await gretchen.entity.send(xml('presence', { to, type }))
        }
      })
      expect(heard).to.deep.equal([])
      const append = { sid: 'f'.repeat(32), attempt: 2, filebytesdone: 0 }
      expect(await gretchen.refused('append', append)).to.equal('unexpected-request/wait login-required')
    })

    it('keeps a device logged in that ends its presence at another address', async () => {
      await faust.entity.send(xml('presence', { to: `anyone@${stage.domain}`, type: 'unavailable' }))
      const append = { sid: 'f'.repeat(32), attempt: 2, filebytesdone: 0 }
      expect(await faust.refused('append', append)).to.equal('item-not-found/cancel')
    })
  })

  describe('for a contact', () => {
    /** The roster's item of the component, as the server has it. */
    async function item(of: Device): Promise<Element | undefined> {
      const roster = await request(of.entity, { type: 'get', payload: xml('query', { xmlns: nsRoster }) })
      return roster?.getChildren('item').find(({ attrs }) => attrs.jid === stage.domain)
    }

    it('says that it shows no presence, so that nobody waits for it for ever', async () => {
      const wagner = await stage.device('wagner')
      await item(wagner)
      const added = xml('query', { xmlns: nsRoster }, xml('item', { jid: stage.domain, name: 'Files' }))
      await request(wagner.entity, { type: 'set', payload: added })
      const presences = new Inbox<Element>()
      onPresence(wagner.entity, (presence) => {
        if (presence.attrs.from === stage.domain) presences.put(presence)
      })
      await wagner.entity.send(xml('presence'))
      const heard = await heardOf(wagner, async () => {
        await wagner.entity.send(xml('presence', { to: stage.domain, type: 'subscribe' }))
        const answer = await presences.next()
        expect(answer.attrs).to.include({ type: 'unsubscribed', to: wagner.bare })
      })
      expect(heard).to.deep.equal(['presence unsubscribed'])
      const { subscription, ask } = (await item(wagner))!.attrs
      expect({ subscription, ask }).to.deep.equal({ subscription: 'none', ask: undefined })
      // What it has told one who is logged in ends no login.
      const append = { sid: 'f'.repeat(32), attempt: 2, filebytesdone: 0 }
      expect(await wagner.refused('append', append)).to.equal('item-not-found/cancel')
    })

    it('ends what was promised by another service at its address, when the server probes for it', async () => {
      const { prosody, domain } = stage
      await stage.component.stop()
      const other = createComponentEntity({
        service: prosody.componentService,
        domain,
        secret: prosody.secret,
      })
      onPresence(other, ({ attrs: { from, type } }) => {
        if (type === 'subscribe')
          void other.send(xml('presence', { from: domain, to: from, type: 'subscribed' }))
      })
      await other.start()
      const valentin = await stage.client('valentin')
      const presences = new Inbox<Element>()
      onPresence(valentin.entity, (presence) => presences.put(presence))
      await item(valentin)
      await valentin.entity.send(xml('presence', { to: domain, type: 'subscribe' }))
      expect((await presences.next()).attrs).to.include({ from: domain, type: 'subscribed' })
      expect((await item(valentin))!.attrs.subscription).to.equal('to')
      await other.stop()
      await stage.startComponent()
      // Its server asks with its first presence.
      await valentin.entity.send(xml('presence'))
      expect((await presences.next()).attrs.from).to.equal(valentin.jid)
      expect((await presences.next()).attrs).to.include({ from: domain, type: 'unsubscribed' })
      expect((await item(valentin))!.attrs.subscription).to.equal('none')
    })

    it('says nothing to other words about subscriptions', async () => {
      const heard = await heardOf(faust, async () => {
        for (const type of ['subscribed', 'unsubscribe', 'unsubscribed']) {
          await faust.entity.send(xml('presence', { to: stage.domain, type }))
        }
      })
      expect(heard).to.deep.equal([])
    })

    it('says to who wrote to it, or to somebody in its domain, that nobody reads it', async () => {
      const answers = new Inbox<Element>()
      const forget = onMessage(faust.entity, (message) => answers.put(message))
      for (const to of [stage.domain, `${stage.domain}/x`, `anyone@${stage.domain}`]) {
        for (const type of [undefined, 'chat', 'groupchat']) {
          const body = xml('body', {}, 'Who are you?')
          await faust.entity.send(xml('message', { to, type, id: 'm1', 'xml:lang': 'de' }, body))
          const answer = await answers.next()
          expect(answer.attrs).to.include({ from: to, to: faust.jid, type: 'error', id: 'm1' })
          const error = answer.getChild('error')
          expect(readRefusal(error)).to.include({
            condition: 'service-unavailable',
            type: 'cancel',
          })
          expect(answer.getChild('body')).to.equal(undefined)
        }
      }
      forget()
    })

    it('says nothing to errors, headlines, and notes of programs (cases 18 and 19)', async () => {
      const body = () => xml('body', {}, 'no')
      const to = stage.domain
      const heard = await heardOf(faust, async () => {
        await faust.entity.send(
          xml('message', { to, type: 'error' }, body(), xml('error', { type: 'cancel' })),
        )
        await faust.entity.send(xml('message', { to, type: 'headline' }, body()))
        await faust.entity.send(
          xml(
            'message',
            { to, type: 'chat' },
            xml('active', { xmlns: 'http://jabber.org/protocol/chatstates' }),
          ),
        )
        await faust.entity.send(
          xml('message', { to }, xml('body', { xmlns: 'urn:xmpp:reply:0' }, 'a part of it')),
        )
        await faust.entity.send(xml('presence', { to, type: 'error' }))
      })
      expect(heard).to.deep.equal([])
    })

    it('says no more than it may be asked in that time, and goes on for others', async () => {
      const mallory = await stage.client('mallory')
      let answered = 0
      onMessage(mallory.entity, () => answered++)
      for (let n = 0; n < 300; n++) {
        await mallory.entity.send(xml('message', { to: stage.domain }, xml('body', {}, 'spam')))
      }
      // Behind all of it, and answered whatever the rate is.
      await request(mallory.entity, { to: `anyone@${stage.domain}`, type: 'get', payload: ping() }).catch(
        () => {},
      )
      expect(answered).to.be.within(100, 200)
      await faust.ask(ping(), 'get')
    })
  })

  describe('for something else than it is', () => {
    /** How a login is answered that says this. */
    async function loginOf(...said: Element[]): Promise<string> {
      const gretchen = await stage.client('gretchen')
      await gretchen.entity.send(xml('presence', { to: stage.domain }, ...said))
      const answer = await gretchen.presences.next()
      const error = answer.getChild('error')
      await gretchen.entity.stop()
      if (answer.attrs.type !== 'error' || !error) return 'taken'
      const { condition, type, app } = readRefusal(error)
      const beside = app === undefined ? '' : ` ${app.name}${app.name === 'field' ? ` ${app.field}` : ''}`
      return `${condition}/${type}${beside}`
    }
    const login = (version: number, device = newDevice()) =>
      xml('login', { xmlns: `jabberfs:transfer:${version}`, device })

    it('of another version: a login of that version is refused as its words are, unless there is one of this too (case 16)', async () => {
      expect(await loginOf(login(2))).to.equal('feature-not-implemented/cancel unsupported-version')
      expect(await loginOf(login(2), login(1))).to.equal('taken')
    })

    it('a login that cannot be read is refused by the name of what is wrong in it', async () => {
      expect(await loginOf(login(1, 'my laptop'))).to.equal('bad-request/modify field login/@device')
      expect(await loginOf(login(1), login(1))).to.equal('bad-request/modify field login')
    })

    it('is the same asked for no node by an empty one', async () => {
      for (const ns of [nsDiscoInfo, nsDiscoItems]) {
        const [plain, empty] = await Promise.all([
          faust.ask(xml('query', { xmlns: ns }), 'get'),
          faust.ask(xml('query', { xmlns: ns, node: '' }), 'get'),
        ])
        expect(empty!.attrs.node).to.equal('')
        expect(empty!.children.map(String)).to.deep.equal(plain!.children.map(String))
      }
      await faust.ask(xml('query', { xmlns: nsVersion, node: '' }), 'get')
    })

    it('searches for nobody, and registers nobody, who closes the form', async () => {
      const martha = await stage.client('martha')
      const registered = async () => {
        const registration = await martha.ask(xml('query', { xmlns: nsRegister }), 'get')
        return registration?.getChild('registered') !== undefined
      }
      const form = xml('x', { xmlns: nsDataForms, type: 'cancel' })
      expect(await martha.ask(xml('query', { xmlns: nsSearch }, form))).to.equal(undefined)
      await martha.ask(xml('query', { xmlns: nsRegister }, form))
      expect(await registered()).to.equal(false)
      await martha.ask(xml('query', { xmlns: nsRegister }))
      expect(await registered()).to.equal(true)
    })

    it('answers a service as it does anybody, and logs in none that has no device to be', async () => {
      const { prosody, domain: to } = stage
      const { secret, componentService: service } = prosody
      const other = createComponentEntity({ service, domain: 'other.localhost', secret })
      await other.start()
      await request(other, { to, type: 'get', payload: ping() })
      await request(other, { to, type: 'get', payload: xml('query', { xmlns: nsDiscoInfo }) })
      const asked = request(other, { to, type: 'get', payload: xml('query', { xmlns: nsSearch }) })
      expect(await refusalOf(asked)).to.equal('forbidden/auth')
      const presences = new Inbox<Element>()
      onPresence(other, (presence) => presences.put(presence))
      await other.send(xml('presence', { from: 'other.localhost', to }, login(1)))
      const answer = await presences.next()
      expect(answer.attrs).to.include({ type: 'error', to: 'other.localhost' })
      expect(readRefusal(answer.getChild('error'))).to.include({ condition: 'jid-malformed' })
      // Which it does not answer, whatever comes back of it.
      await other.send(xml('presence', { from: 'other.localhost', to, type: 'error' }))
      await request(other, { to, type: 'get', payload: ping() })
      expect(presences.untaken).to.equal(0)
      await other.stop()
    })
  })
})
