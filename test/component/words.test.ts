/** What the component answers to wrong words, late words and other people's words, on a real Prosody. */

import { expect } from 'chai'
import { childOf, type Element, nsTransfer, writeAction, xml } from '../../schemas/index.js'
import { ping } from '../../schemas/xep/ping.js'
import { onPresence } from '../../wire/index.js'
import {
  type Device,
  newDevice,
  newOfferId,
  refusalOf,
  Stage,
  saysLoggedIn,
  someFile,
  someWay,
  token,
} from './stage.js'

describe('the component on a real Prosody', () => {
  let stage: Stage
  let faust: Device
  let mephisto: Device
  let wagner: Device

  before(async () => {
    stage = await Stage.open()
    faust = await stage.device('faust')
    mephisto = await stage.device('mephisto')
    wagner = await stage.device('wagner')
  })
  after(() => stage.close())

  const offering = (peer = mephisto.bare, id = newOfferId()) => ({
    id,
    peer,
    every: false,
    files: [someFile()],
  })
  const accepting = (sid: string, attempt = 1) => ({
    sid,
    attempt,
    way: someWay(),
    token: token(),
    append: false,
    files: [],
  })
  const root = new Uint8Array(32).fill(7)

  /** Faust's offer as Mephisto gets it. */
  async function offered(): Promise<string> {
    await faust.say('offer', offering())
    return (await mephisto.next('offer')).sid!
  }

  async function running(): Promise<string> {
    const sid = await offered()
    await mephisto.say('accept', accepting(sid))
    await faust.next('accept')
    return sid
  }

  describe('an offer', () => {
    it('that would be taken, and cannot be now, stands, and its author hears why', async () => {
      const sid = await offered()
      await mephisto.say('queued', { sid, place: 1, reason: 'no-space' })
      expect(await faust.next('queued')).to.include({ sid, peer: mephisto.bare, reason: 'no-space' })
      expect(await faust.refused('queued', { sid, place: 1 })).to.equal('forbidden/auth')
      await mephisto.say('accept', accepting(sid))
      await faust.next('accept')
    })

    it('said twice gets the same answer and makes one transfer (case 10)', async () => {
      const offer = offering()
      await faust.say('offer', offer)
      await faust.say('offer', offer)
      const { sid } = await mephisto.next('offer')
      await mephisto.say('decline', { sid, block: false, over: false })
      expect(await faust.next('decline')).to.include({ sid, over: true })
      expect(mephisto.heard.untaken).to.equal(0)
    })

    it('with the id of another is a conflict, and changes nothing (case 11)', async () => {
      const offer = offering()
      await faust.say('offer', offer)
      await mephisto.next('offer')
      const other = { ...offer, files: [someFile('other.jpg')] }
      expect(await faust.refused('offer', other)).to.equal('conflict/cancel')
      expect(await faust.refused('offer', { ...offer, peer: wagner.bare })).to.equal('conflict/cancel')
    })

    it('with neither root nor the promise of one is not acceptable (case 99)', async () => {
      const files = [{ ...someFile(), root: undefined }]
      expect(await faust.refused('offer', { ...offering(), files })).to.equal(
        'not-acceptable/modify field file/hash',
      )
      // Hashes of other kinds, however many, are no root: not MD5 nor SHA-1, and not that of the bytes alone.
      const lengths = { md5: 16, 'sha-1': 20, 'sha-256': 32 }
      for (const kinds of [['md5'], ['sha-1'], ['md5', 'sha-1', 'sha-256']] as (keyof typeof lengths)[][]) {
        const offer = writeAction({ action: 'offer', value: offering() })
        const file = childOf(offer, 'file', nsTransfer)!
        file.remove(childOf(file, 'hash', 'urn:xmpp:hashes:2')!)
        for (const algo of kinds) {
          const hash = Buffer.alloc(lengths[algo]).toString('base64')
          file.append(xml('hash', { xmlns: 'urn:xmpp:hashes:2', algo }, hash))
        }
        expect(await refusalOf(faust.ask(offer)), kinds.join()).to.equal(
          'not-acceptable/modify field file/hash',
        )
      }
      await faust.say('offer', { ...offering(wagner.bare), files: [{ ...files[0]!, rootLater: true }] })
      expect((await wagner.next('offer')).files[0]).to.include({ rootLater: true })
    })

    it('lacks neither id nor peer', async () => {
      expect(await faust.refused('offer', { ...offering(), id: undefined })).to.equal(
        'bad-request/modify field offer/@id',
      )
      expect(await faust.refused('offer', { ...offering(), peer: undefined })).to.equal(
        'bad-request/modify field offer/@peer',
      )
    })

    it('to somebody absent or unknown gets the same result, and nothing comes back (case 23, P23)', async () => {
      stage.prosody.addUser('absent', 'password')
      for (const name of ['absent', 'nobody', 'mephisto']) {
        expect(await refusalOf(faust.say('offer', offering(`${name}@localhost`)))).to.equal('result')
      }
      await mephisto.next('offer')
      expect(faust.heard.untaken).to.equal(0)
    })

    it('that asks to live for ever, or not at all, lives at most a week and at least a minute (case 50)', async () => {
      for (const expires of ['9999-12-31T23:59:59Z', '1970-01-01T00:00:00Z', '0001-01-01T00:00:00Z']) {
        await faust.say('offer', { ...offering(wagner.bare), expires })
        const offer = await wagner.next('offer')
        const lives = Date.parse(offer.expires!) - Date.parse(offer.stamp!)
        expect(lives).to.be.within(60_000, 7 * 24 * 3_600_000)
        await faust.say('abort', { id: offer.id })
        await wagner.next('abort')
      }
    })
  })

  describe('who is who', () => {
    it('a payload that claims another party than there is gets bad-request (case 1, P9)', async () => {
      const sid = await offered()
      expect(await mephisto.refused('accept', { ...accepting(sid), peer: wagner.bare })).to.equal(
        'bad-request/modify field accept/@peer',
      )
      expect(await mephisto.refused('accept', { ...accepting(sid), id: 'another-offer' })).to.equal(
        'bad-request/modify field accept/@id',
      )
      // What it says of itself is not looked at: the stamped `from` counts.
      await mephisto.say('accept', { ...accepting(sid), device: newDevice(), stamp: '2002-02-12T20:22:59Z' })
      const accept = await faust.next('accept')
      expect(accept).to.include({ device: mephisto.id, peer: mephisto.bare })
      expect(accept.stamp).not.to.include('2002')
    })

    it('a third party and another device of a party get item-not-found, and nothing changes (case 2, P9)', async () => {
      const sid = await offered()
      const otherDevice = await stage.device('mephisto')
      // It has an offer of its own, which is not this one.
      for (const stranger of [wagner, otherDevice]) {
        expect(await stranger.refused('accept', accepting(sid))).to.equal('item-not-found/cancel')
        expect(await stranger.refused('decline', { sid, block: false, over: false })).to.equal(
          'item-not-found/cancel',
        )
        expect(await stranger.refused('abort', { sid })).to.equal('item-not-found/cancel')
        expect(await stranger.refused('append', { sid, attempt: 2, filebytesdone: 0 })).to.equal(
          'item-not-found/cancel',
        )
      }
      await mephisto.say('accept', accepting(sid))
      expect(await faust.next('accept')).to.include({ sid })
      await otherDevice.entity.stop()
    })

    it('an author that accepts its own offer is forbidden to (case 4)', async () => {
      const sid = await offered()
      expect(await faust.refused('accept', accepting(sid))).to.equal('forbidden/auth')
    })

    it('an offer inside a message, forwarded or not, is not looked at (case 8, P9)', async () => {
      const offer = writeAction({ action: 'offer', value: offering(wagner.bare) })
      const forwarded = xml('forwarded', { xmlns: 'urn:xmpp:forward:0' }, xml('iq', { type: 'set' }, offer))
      await faust.entity.send(xml('message', { to: stage.domain }, forwarded))
      await faust.entity.send(
        xml('message', { to: stage.domain }, xml('received', { xmlns: 'urn:xmpp:carbons:2' }, offer)),
      )
      const refused = await refusalOf(faust.ask(xml('forwarded', { xmlns: 'urn:xmpp:forward:0' }, offer)))
      expect(refused).to.equal('service-unavailable/cancel')
      // Everything of faust's before this has been read when this is answered.
      await faust.ask(ping(), 'get')
      expect(wagner.heard.untaken).to.equal(0)
    })

    it('who is not logged in is told to log in', async () => {
      const gretchen = await stage.client('gretchen')
      const refused = await gretchen.refused('offer', offering())
      expect(refused).to.equal('unexpected-request/wait login-required')
      await gretchen.logIn()
      await gretchen.logOut()
      await gretchen.ask(ping(), 'get')
      expect(await gretchen.refused('offer', offering())).to.equal('unexpected-request/wait login-required')
    })
  })

  describe('the wrong moment', () => {
    it('accept said twice gets the same result; after a decline or an abort it gets the state (case 12)', async () => {
      const sid = await running()
      expect(await mephisto.refused('accept', accepting(sid))).to.equal('result')
      // Its addresses may have been lost: they are sent on once more.
      await faust.next('accept')
      const declined = await offered()
      await mephisto.say('decline', { sid: declined, block: false, over: false })
      expect(await mephisto.refused('accept', accepting(declined))).to.equal(
        'unexpected-request/wait state declined 0',
      )
      const aborted = await offered()
      await mephisto.say('abort', { sid: aborted })
      expect(await mephisto.refused('accept', accepting(aborted))).to.equal(
        'unexpected-request/wait state aborted 0',
      )
      await faust.next('decline')
      expect(await faust.next('abort')).to.include({ sid: aborted })
      // Nobody is left who could accept, and no decline has said so.
      expect((await faust.next('abort')).sid).to.equal(undefined)
    })

    it('append to what is unknown or foreign gets item-not-found (case 14)', async () => {
      const append = { sid: 'f'.repeat(32), attempt: 2, filebytesdone: 0 }
      expect(await mephisto.refused('append', append)).to.equal('item-not-found/cancel')
      const sid = await running()
      expect(await wagner.refused('append', { ...append, sid })).to.equal('item-not-found/cancel')
    })

    it('an old accept or append after the end gets the state, and reaches nobody (case 15, P10)', async () => {
      const sid = await running()
      const append = { sid, attempt: 2, way: someWay(), token: token(), filebytesdone: 1 }
      await mephisto.say('append', append)
      // Of what was offered there is one root (P1).
      const other = new Uint8Array(32).fill(8)
      expect(await mephisto.refused('complete', { sid, attempt: 2, root: other })).to.equal('conflict/cancel')
      await mephisto.say('complete', { sid, attempt: 2, root })
      while ((await faust.heard.next()).action !== 'complete') {
        // What was said before it.
      }
      expect(await mephisto.refused('accept', accepting(sid))).to.equal(
        'unexpected-request/wait state complete 2',
      )
      expect(await mephisto.refused('append', append)).to.equal('unexpected-request/wait state complete 2')
      expect(await mephisto.refused('complete', { sid, attempt: 2, root })).to.equal('result')
      await faust.ask(ping(), 'get')
      expect(faust.heard.untaken).to.equal(0)
    })

    it('candidates before the accept are refused, and go nowhere (case 68, P8)', async () => {
      const sid = await offered()
      expect(await faust.refused('listening', { sid, attempt: 1, way: someWay() })).to.equal(
        'unexpected-request/wait state proposed 0',
      )
    })
  })

  describe('words that are none', () => {
    it('an unknown action or version is not implemented (case 16)', async () => {
      const say = (name: string, xmlns: string) => refusalOf(faust.ask(xml(name, { xmlns })))
      const unsupported = 'feature-not-implemented/cancel unsupported-version'
      expect(await say('teleport', nsTransfer)).to.equal(unsupported)
      expect(await say('offer', 'jabberfs:transfer:2')).to.equal(unsupported)
      expect(await say('ready', nsTransfer)).to.equal(unsupported)
      expect(await refusalOf(faust.ask(xml('offer', { xmlns: nsTransfer }), 'get'))).to.equal(unsupported)
    })

    it('a strange namespace is unavailable, and nothing of it comes back (case 17, P18)', async () => {
      expect(await refusalOf(faust.ask(xml('query', { xmlns: 'jabber:iq:oob' })))).to.equal(
        'service-unavailable/cancel',
      )
    })

    it('a bad number gets bad-request with the place (case 21, P21)', async () => {
      const append = { sid: 'f'.repeat(32), attempt: 2, filebytesdone: 0 }
      for (const bad of ['-1', '9007199254740992', '1e3', 'NaN', '0x10', ' 5', '+5', '1'.padEnd(31, '0')]) {
        const element = writeAction({ action: 'append', value: append })
        element.attrs.attempt = bad
        expect(await refusalOf(mephisto.ask(element))).to.equal('bad-request/modify field append/@attempt')
      }
    })

    it('a stanza of type error or result gets no answer (cases 18 and 19, P15)', async () => {
      const heard: Element[] = []
      const listen = (element: Element) => heard.push(element)
      faust.entity.on('element', listen)
      for (const type of ['error', 'result']) {
        await faust.entity.send(xml('iq', { to: stage.domain, type, id: `stray-${type}` }))
      }
      await faust.entity.send(xml('message', { to: stage.domain, type: 'error' }, xml('body', {}, 'no')))
      await wagner.entity.send(xml('presence', { to: stage.domain, type: 'error' }))
      await faust.ask(ping(), 'get')
      faust.entity.off('element', listen)
      expect(heard.map((element) => element.toString())).to.deep.equal([])
    })

    it('an IQ with no payload or with two gets bad-request (case 20, P15)', async () => {
      const answered = new Promise<Element>((resolve) => {
        const listen = (element: Element) => {
          if (element.attrs.id !== 'two') return
          faust.entity.off('element', listen)
          resolve(element)
        }
        faust.entity.on('element', listen)
      })
      await faust.entity.send(xml('iq', { to: stage.domain, type: 'get', id: 'two' }, ping(), ping()))
      const answer = await answered
      expect(answer.attrs.type).to.equal('error')
      expect(answer.getChild('ping')).to.equal(undefined)
    })

    it('a login without a device is refused in presence, and so is one without a resource', async () => {
      const faulty = await stage.client('margarete')
      const answered = new Promise<Element>((resolve) => onPresence(faulty.entity, resolve))
      await faulty.entity.send(xml('presence', { to: stage.domain }, xml('login', { xmlns: nsTransfer })))
      const answer = await answered
      expect(answer.attrs.type).to.equal('error')
      expect(saysLoggedIn(answer)).to.equal(false)
    })
  })
})
