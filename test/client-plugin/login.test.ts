/** Logging in where the server treats a component or our presence otherwise than Prosody does. The component is played here. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  createClientEntity,
  type FileTransfer,
  type FileTransferError,
  fileTransfer,
  type XmppEntity,
} from '../../client-plugin/index.js'
import { Journal } from '../../client-plugin/journal/journal.js'
import { nsTransfer } from '../../schemas/index.js'
import { parseXml, xml } from '../../schemas/xml.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { answer, createComponentEntity, onPresence } from '../../wire/index.js'

describe('the login of a device', function () {
  this.timeout(180_000)
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-login-'))
  let prosody: PrivateProsody
  let component: XmppEntity
  let entity: XmppEntity
  let files: FileTransfer
  /** What the component's side does with each login. */
  let onLogin: (from: string, login: string) => void = () => {}

  before(async () => {
    prosody = await startProsody({ iterations: 100, users: { faust: 'secret' } })
    const { componentDomain: domain, componentService, secret } = prosody
    component = createComponentEntity({ service: componentService, domain, secret })
    onPresence(component, (presence) => {
      const login = presence.getChild('login', nsTransfer)
      if (login && presence.attrs.type === undefined) onLogin(presence.attrs.from!, login.toString())
    })
    await component.start()
  })
  beforeEach(async () => {
    const { service } = prosody
    entity = createClientEntity({ jid: 'faust@localhost', password: 'secret', service })
    await entity.start()
  })
  afterEach(async () => {
    await files.stop()
    await entity.stop()
  })
  after(async () => {
    await component.stop()
    await prosody.stop()
    rmSync(dir, { recursive: true })
  })

  const begin = (): FileTransfer =>
    fileTransfer(entity, { component: prosody.componentDomain, state: join(dir, 'state') })

  it('holds when the server keeps the component’s presence from us (jabberd2): its answer to a ping will do', async () => {
    onLogin = () => {}
    files = begin()
    await files.ready
    expect(files.isReady).to.equal(true)
  })

  it('is said again before the component’s answer counts: the first may have gone to one that was killed (P19)', async () => {
    const heard: string[] = []
    onLogin = () => heard.push('login')
    const listens = (stanza: ReturnType<typeof parseXml>): void => {
      if (stanza.is('iq') && stanza.getChild('ping', 'urn:xmpp:ping')) heard.push('ping')
    }
    component.on('stanza', listens)
    files = begin()
    await files.ready
    component.off('stanza', listens)
    expect(heard.slice(0, 3)).to.deep.equal(['login', 'login', 'ping'])
  })

  it('says what waits for it once', async () => {
    const state = join(dir, 'waiting')
    const journal = new Journal(state)
    const sid = 'a'.repeat(32)
    const waiting = {
      authored: true,
      direction: 'sending',
      peer: 'gretchen@localhost',
      filename: 'ring.txt',
    } as const
    journal.add({
      ...waiting,
      id: 'an-offer',
      sid,
      filesize: 4,
      phase: 'running',
      attempt: 1,
      created: Date.now(),
    })
    journal.close()
    const said: string[] = []
    const end = answer(component, {
      type: 'set',
      ns: nsTransfer,
      name: 'timeout',
      handle: (payload) => void said.push(payload.attrs.sid!),
    })
    onLogin = (to, login) =>
      void component.send(xml('presence', { to, from: prosody.componentDomain }, parseXml(login)))
    files = fileTransfer(entity, { component: prosody.componentDomain, state })
    await files.ready
    // What was said before this has been heard when this is answered.
    await files.catalogue.search({ words: 'ring' }).catch(() => undefined)
    end()
    expect(said).to.deep.equal([sid])
  })

  it('ends where the name is that of the server itself, which answers a ping and is no component of ours', async () => {
    files = fileTransfer(entity, { component: 'localhost', state: join(dir, 'state') })
    const why = await files.ready.then(
      () => undefined,
      (error: FileTransferError) => error,
    )
    expect(why?.code).to.equal('component-unknown')
  })

  it('says that there are too many devices, and is ready when one of them makes room', async () => {
    let isFull = true
    onLogin = (from, login) => {
      const attrs = `from="${prosody.componentDomain}" to="${from}"`
      const condition = '<resource-constraint xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>'
      const quota = `<quota xmlns="${nsTransfer}" used="64" max="64"/>`
      const answer = isFull
        ? `<presence ${attrs} type="error"><error type="wait">${condition}${quota}</error></presence>`
        : `<presence ${attrs}>${login}</presence>`
      void component.send(parseXml(answer))
    }
    files = begin()
    const why = await new Promise<FileTransferError>((resolve) => files.once('away', resolve))
    expect([why.code, why.detail]).to.deep.equal(['too-many-devices', '64 of 64'])
    isFull = false
    await files.ready
  })

  it('waits for a component that the server knows only while it is there (ejabberd), and is ready when it comes', async () => {
    let isAway = true
    onLogin = (from, login) => {
      const attrs = `from="${prosody.componentDomain}" to="${from}"`
      const condition = '<remote-server-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>'
      const answer = isAway
        ? `<presence ${attrs} type="error"><error type="cancel">${condition}</error></presence>`
        : `<presence ${attrs}>${login}</presence>`
      void component.send(parseXml(answer))
    }
    files = begin()
    const why = await new Promise<FileTransferError>((resolve) => files.once('away', resolve))
    expect(why.code).to.equal('component-away')
    isAway = false
    await files.ready
  })
})
