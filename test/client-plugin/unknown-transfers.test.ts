/**
 * Words in the course of a transfer that this device knows nothing of, since its journal is lost or an older copy: whoever says
 * them hears that it is over. The component is played here.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  createClientEntity,
  type FileTransfer,
  fileTransfer,
  type XmppEntity,
} from '../../client-plugin/index.js'
import { type ActionValues, actions, nsTransfer } from '../../schemas/index.js'
import { parseXml } from '../../schemas/xml.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { answer, createComponentEntity, onPresence, type RequestRefused, request } from '../../wire/index.js'
import { Inbox } from '../component/stage.js'
import { FailingJournals } from './failing-journals.js'

const token = `<token>${Buffer.alloc(32, 7).toString('base64')}</token>`
const hash = `<hash xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'>${Buffer.alloc(32, 1).toString('base64')}</hash>`
const way = '<listening><candidate kind="host"><ip>66.66.66.66</ip><port>48666</port></candidate></listening>'
const candidate = '<candidate kind="host"><ip>66.66.66.66</ip><port>48666</port></candidate>'

describe('what is said of a transfer that is not in the journal', function () {
  this.timeout(180_000)
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-unknown-'))
  const journals = new FailingJournals()
  const aborts = new Inbox<ActionValues['abort']>()
  let prosody: PrivateProsody
  let component: XmppEntity
  let entity: XmppEntity
  let files: FileTransfer

  before(async () => {
    journals.install()
    prosody = await startProsody({ iterations: 100, users: { faust: 'secret' } })
    const { componentDomain: domain, componentService, secret, service } = prosody
    component = createComponentEntity({ service: componentService, domain, secret })
    onPresence(component, (presence) => {
      const login = presence.getChild('login', nsTransfer)
      const { from, type } = presence.attrs
      if (!login || type !== undefined) return
      void component.send(parseXml(`<presence from='${domain}' to='${from}'>${login}</presence>`))
    })
    answer(component, {
      type: 'set',
      ns: nsTransfer,
      name: 'abort',
      handle: (payload) => void aborts.put(actions.abort.read(payload)),
    })
    await component.start()
    entity = createClientEntity({ jid: 'faust@localhost', password: 'secret', service })
    await entity.start()
    files = fileTransfer(entity, { component: domain, state: join(dir, 'state') })
    await files.ready
  })
  after(async () => {
    await files.stop()
    await entity.stop()
    await component.stop()
    await prosody.stop()
    journals.remove()
    rmSync(dir, { recursive: true })
  })

  const say = (name: string, sid: string, attrs = '', inside = '', peer = 'mephisto@localhost') =>
    request(component, {
      to: entity.jid!.toString(),
      type: 'set',
      payload: parseXml(
        `<${name} xmlns='${nsTransfer}' sid='${sid}' id='${sid.slice(0, 16)}' peer='${peer}' device='${'d'.repeat(64)}' ` +
          `stamp='2026-01-01T00:00:00.000Z' ${attrs}>${inside}</${name}>`,
      ),
    }).then(
      () => 'result',
      (error: RequestRefused) => error.condition,
    )
  const words: [name: string, attrs: string, inside: string][] = [
    ['accept', "attempt='1'", way + token],
    ['append', "attempt='2'", `${way}${token}<filebytesdone>0</filebytesdone>`],
    ['listening', "attempt='2'", candidate + token],
    ['connecting', "attempt='2'", token],
    ['timeout', "attempt='2'", ''],
    ['ready', '', ''],
  ]

  for (const [at, [name, attrs, inside]] of words.entries()) {
    it(`is ended where it is \`${name}\``, async () => {
      const sid = `${at}`.padStart(32, '5')
      expect(await say(name, sid, attrs, inside)).to.equal('item-not-found')
      expect(await aborts.next()).to.deep.include({ sid, reason: 'failed' })
    })
  }

  it('is left alone where it is the end, or a place in a queue, or a list for the component', async () => {
    const sid = '6'.repeat(32)
    const { componentDomain } = prosody
    expect(await say('complete', sid, "attempt='1'", hash)).to.equal('item-not-found')
    expect(await say('queued', sid, "place='1'")).to.equal('item-not-found')
    expect(await say('decline', sid)).to.equal('item-not-found')
    expect(await say('timeout', sid, "attempt='1'", '', componentDomain)).to.equal('item-not-found')
    // What comes next shows that nothing came before it.
    const last = '7'.repeat(32)
    await say('ready', last)
    expect(await aborts.next()).to.include({ sid: last })
  })

  it('is not ended while the journal cannot be read: then it may be in it (P20)', async () => {
    const sid = '8'.repeat(32)
    journals.unreadable = sid
    for (const [name, attrs, inside] of words) {
      expect(await say(name, sid, attrs, inside)).to.equal('resource-constraint')
    }
    journals.heal()
    expect(aborts.untaken).to.equal(0)
    await say('ready', sid)
    expect(await aborts.next()).to.include({ sid })
    expect(aborts.untaken).to.equal(0)
  })
})
