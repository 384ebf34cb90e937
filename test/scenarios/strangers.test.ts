/** Who is not party to a transfer, and who speaks out of turn, changes nothing. */

import { expect } from 'chai'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage, stuckHalfWay } from './stage.js'

const ns = 'jabberfs:transfer:1'
const token = Buffer.alloc(32, 7).toString('base64')

describe('a stranger', function () {
  this.timeout(180_000)
  const stage = new Stage()
  let faust: Peer
  let mephisto: Peer
  let wagner: Peer
  let into: string
  let component: string

  before(async () => {
    await stage.open()
    component = stage.prosody.componentDomain
    ;[faust, mephisto, wagner] = await Promise.all([
      stage.peer('faust', 15),
      stage.peer('mephisto'),
      stage.peer('wagner'),
    ])
  })
  after(() => stage.close())

  beforeEach(async () => {
    into = mephisto.folder()
    await Promise.all([faust.begin(), wagner.begin()])
    await mephisto.begin({}, { offers: { into } })
  })

  const say = (who: Peer, to: string, payload: string) => who.order('say', { to, payload })

  const actionsOn = (sid: string) => [
    `<accept xmlns='${ns}' sid='${sid}' attempt='1'><connecting/><token>${token}</token></accept>`,
    `<append xmlns='${ns}' sid='${sid}' attempt='2'><connecting/><token>${token}</token><filebytesdone>0</filebytesdone></append>`,
    `<decline xmlns='${ns}' sid='${sid}'/>`,
    `<abort xmlns='${ns}' sid='${sid}'/>`,
    `<timeout xmlns='${ns}' sid='${sid}' attempt='1'/>`,
    `<connecting xmlns='${ns}' sid='${sid}' attempt='1'/>`,
    `<complete xmlns='${ns}' sid='${sid}' attempt='1'><hash xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'>${token}</hash></complete>`,
  ]

  async function halfWay() {
    const size = 24 * mebibyte
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', size)
    await faust.order('send', { peer: mephisto.jid, path, heldUp: stuckHalfWay(size) })
    const { key: sid } = await mephisto.inTheMiddle()
    return { sid, digest }
  }

  async function arrives(sid: string, digest: string) {
    await faust.order('letGo', null)
    const { path, code } = await mephisto.finished(sid)
    expect(code).to.equal(undefined)
    expect(digestOf(path!)).to.equal(digest)
  }

  it('cannot touch a transfer through the component: item-not-found (case 2, case 14)', async () => {
    const { sid, digest } = await halfWay()
    for (const action of actionsOn(sid)) {
      expect(await say(wagner, component, action)).to.equal('item-not-found/cancel')
    }
    await arrives(sid, digest)
  })

  it('cannot speak to a device itself in the component’s stead (P9)', async () => {
    const { sid, digest } = await halfWay()
    const [to, from] = await Promise.all([mephisto.order('address', null), faust.order('address', null)])
    for (const action of actionsOn(sid)) {
      expect(await say(wagner, to, action)).to.equal('service-unavailable/cancel')
      expect(await say(wagner, from, action)).to.equal('service-unavailable/cancel')
    }
    const offer = `<offer xmlns='${ns}' sid='${sid.replace(/./g, 'a')}' id='forgery1' peer='faust@localhost'><file><filename>x</filename><filesize>1</filesize><hash xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'>${token}</hash></file></offer>`
    expect(await say(wagner, to, offer)).to.equal('service-unavailable/cancel')
    expect(mephisto.heard('offer')).to.have.length(1)
    await arrives(sid, digest)
  })

  it('says nothing new by repeating an accept or append after the end (case 15)', async () => {
    const { sid, digest } = await halfWay()
    await arrives(sid, digest)
    await faust.finished(sid)
    const progress = faust.heard('progress').length
    const [accept, append] = actionsOn(sid)
    expect(await say(mephisto, component, accept!)).to.equal('unexpected-request/wait')
    expect(await say(mephisto, component, append!)).to.equal('unexpected-request/wait')
    expect(faust.heard('progress')).to.have.length(progress)
  })

  it('is told apart from the sender, who may not accept his own offer (case 4)', async () => {
    await mephisto.order('manners', { offers: 'ask' })
    const { path } = randomFile(faust.folder(), 'my_girl.jpg', 1_000)
    await faust.order('send', { peer: mephisto.jid, path })
    const { sid } = await mephisto.hear('offer')
    expect(await say(faust, component, actionsOn(sid)[0]!)).to.equal('forbidden/auth')
    await mephisto.order('answer', { sid })
  })
})
