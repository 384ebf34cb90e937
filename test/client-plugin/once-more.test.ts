/** An answer to an attempt, of which the component says that it came too often: it is said once more, and nothing else is. The component is played here. */
import { expect } from 'chai'
import { Mouth } from '../../client-plugin/mediator/mouth.js'
import { Session } from '../../client-plugin/mediator/session.js'
import { type ActionName, actions, nsTransfer } from '../../schemas/index.js'
import { parseXml } from '../../schemas/xml.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import {
  answer,
  createClientEntity,
  createComponentEntity,
  onPresence,
  Refused,
  type XmppEntity,
} from '../../wire/index.js'
import { Inbox } from '../component/stage.js'

const sid = '9'.repeat(32)

describe('an answer to an attempt that came too often', function () {
  this.timeout(180_000)
  const said = new Inbox<string>()
  /** How often each is still refused. */
  const refusals = new Map<string, number>()
  let prosody: PrivateProsody
  let component: XmppEntity
  let entity: XmppEntity
  let session: Session
  let mouth: Mouth

  before(async () => {
    prosody = await startProsody({ iterations: 100, users: { faust: 'secret' } })
    const { componentDomain: domain, componentService, secret, service } = prosody
    component = createComponentEntity({ service: componentService, domain, secret })
    onPresence(component, (presence) => {
      const login = presence.getChild('login', nsTransfer)
      const { from, type } = presence.attrs
      if (!login || type !== undefined) return
      void component.send(parseXml(`<presence from='${domain}' to='${from}'>${login}</presence>`))
    })
    for (const name of ['listening', 'connecting', 'queued', 'timeout'] satisfies ActionName[]) {
      answer(component, {
        type: 'set',
        ns: nsTransfer,
        name,
        handle: (payload) => {
          actions[name].read(payload)
          said.put(name)
          const left = refusals.get(name) ?? 0
          if (left === 0) return
          refusals.set(name, left - 1)
          throw Refused.by('too-often', parseXml(`<retry xmlns='${nsTransfer}' after='1'/>`))
        },
      })
    }
    await component.start()
    entity = createClientEntity({ jid: 'faust@localhost', password: 'secret', service })
    await entity.start()
    session = new Session(entity, domain, { in() {}, out() {} }, () => true)
    mouth = new Mouth(entity, session, domain, 15_000)
    session.start('a'.repeat(64))
    await session.whenIn()
  })
  after(async () => {
    await session.stop()
    await entity.stop()
    await component.stop()
    await prosody.stop()
  })

  it('is said once more as soon as it may be; a word that may not be true any more by then is not', async () => {
    // Each is refused as often as it is said.
    for (const name of ['listening', 'connecting', 'queued', 'timeout']) refusals.set(name, 9)
    mouth.mention({ action: 'queued', value: { sid, place: 1 } })
    mouth.mention({ action: 'timeout', value: { sid, attempt: 1 } })
    const way = { kind: 'listening' as const, candidates: [] }
    mouth.mention({
      action: 'listening',
      value: {
        sid,
        attempt: 1,
        way: { ...way, candidates: [{ kind: 'host', ip: '192.0.2.1', port: 7_100 }] },
      },
    })
    mouth.mention({ action: 'connecting', value: { sid, attempt: 1, way: { kind: 'connecting' } } })
    const heard: string[] = []
    while (heard.length < 6) heard.push(await said.next())
    expect(heard.slice(0, 4)).to.have.members(['queued', 'timeout', 'listening', 'connecting'])
    expect(heard.slice(4)).to.have.members(['listening', 'connecting'])
    // Had the second been repeated, it would come before this, which is said a second later.
    mouth.mention({
      action: 'listening',
      value: {
        sid,
        attempt: 2,
        way: { ...way, candidates: [{ kind: 'host', ip: '192.0.2.1', port: 7_100 }] },
      },
    })
    expect([await said.next(), await said.next()]).to.deep.equal(['listening', 'listening'])
    expect(said.untaken).to.equal(0)
  })
})
