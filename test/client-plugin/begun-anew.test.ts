/**
 * A component that was killed with something of ours in its hands, and is back before anybody noticed: it pings whom it remembers, and
 * what it never heard is said to it again at once. The component is played here.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  createClientEntity,
  type FileTransfer,
  fileTransfer,
  type XmppEntity,
} from '../../client-plugin/index.js'
import {
  childElements,
  type Element,
  found,
  held,
  nsCatalogue,
  nsTransfer,
  readAction,
  registered,
  writeAction,
  xml,
} from '../../schemas/index.js'
import { ping } from '../../schemas/xep/ping.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { answer, createComponentEntity, onPresence, Refused, request } from '../../wire/index.js'
import { Inbox } from '../component/stage.js'
import { putRested } from './share/stage.js'

describe('a component that began anew without a word (P19)', function () {
  this.timeout(180_000)
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-begun-anew-'))
  let prosody: PrivateProsody
  let component: XmppEntity
  let entity: XmppEntity
  let files: FileTransfer
  let logins = 0
  const searches = new Inbox<Element>()
  const offers = new Inbox<string>()
  const registrations = new Inbox<Element>()
  /** What the component does with a word: answers it, or takes it along when it is killed. */
  let isKilled = false
  /** Whether we are registered with it. */
  let knowsUs = false
  /** The last change of the share that it has. */
  let seq = 0

  before(async () => {
    prosody = await startProsody({ iterations: 100, users: { faust: 'secret', gretchen: 'secret' } })
    const { componentDomain: domain, componentService, secret, service } = prosody
    component = createComponentEntity({ service: componentService, domain, secret })
    onPresence(component, ({ attrs, ...presence }) => {
      const login = childElements({ attrs, ...presence } as Element).find(({ name }) => name === 'login')
      if (login === undefined) return
      logins++
      void component.send(xml('presence', { to: attrs.from, from: domain }, login))
    })
    const hears = (
      type: 'get' | 'set',
      ns: string,
      name: string,
      says: (asked: Element) => Element | undefined,
    ) =>
      answer(component, {
        type,
        ns,
        name,
        handle: (asked) => {
          const said = says(asked)
          return isKilled ? new Promise<undefined>(() => {}) : said
        },
      })
    hears('get', nsCatalogue, 'search', (asked) => {
      searches.put(asked)
      return found.write({ hits: [], page: { count: 0 } })
    })
    hears('set', nsCatalogue, 'blocking', () => undefined)
    hears('set', nsCatalogue, 'register', (asked) => {
      registrations.put(asked)
      knowsUs = true
      return registered.write({ id: '0cc175b9c0f1b6a831c399e269772661', ttl: 1_000, held: [] })
    })
    hears('set', nsCatalogue, 'share', ({ attrs }) => {
      if (!knowsUs) throw new Refused('unexpected-request', 'wait')
      return held.write({ share: attrs.id!, seq })
    })
    // Where few are hashed when it is looked at first, they are told so, and the rest by a list.
    hears('set', nsCatalogue, 'publish', ({ attrs }) => {
      seq = Number(attrs.seq)
      return held.write({ share: attrs.share!, seq })
    })
    hears('set', nsTransfer, 'offer', (asked) => {
      const { value } = readAction(asked)
      offers.put((value as { id: string }).id)
      return undefined
    })
    for (const name of ['abort', 'timeout']) hears('set', nsTransfer, name, () => undefined)
    await component.start()
    entity = createClientEntity({ jid: 'faust@localhost', password: 'secret', service })
    await entity.start()
    files = fileTransfer(entity, { component: domain, state: join(dir, 'state') })
    await files.ready
  })
  after(async () => {
    await files?.stop()
    await entity?.stop()
    await component?.stop()
    await prosody?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  /** It is back: it asks everybody whom it remembers whether he is there. */
  const comesBack = async () => {
    isKilled = false
    await request(component, { to: entity.jid!.toString(), type: 'get', payload: ping() })
  }

  it('is asked again what it took along', async () => {
    isKilled = true
    const asked = files.catalogue.search({ words: 'gretchen' })
    await searches.next()
    await comesBack()
    expect((await asked).items).to.deep.equal([])
    expect(searches.all).to.have.length(2)
    expect(logins).to.equal(1)
  })

  it('is told again what it may not have recorded, the same', async () => {
    const file = join(dir, 'ring.txt')
    putRested(dir, 'ring.txt', 'ring')
    isKilled = true
    const sent = files.send('gretchen@localhost', [file])
    const id = await offers.next()
    await comesBack()
    expect(await offers.next()).to.equal(id)
    await (await sent).abort()
    expect(logins).to.equal(1)
  })

  it('is offered a whole list again of which it had said that it heard it, and not yet where it is to be brought', async () => {
    const folder = join(dir, 'songs')
    mkdirSync(folder)
    for (let n = 0; n < 1_500; n++) putRested(folder, `song ${n}.txt`, `song ${n}`)
    await files.shares.add(folder)
    const id = await offers.next()
    // What it said of it was answered before it was killed.
    await comesBack()
    expect(await offers.next()).to.equal(id)
  })

  it('and has lost its memory with it is told of the share again, and then of the list', async () => {
    while (registrations.untaken > 0) await registrations.next()
    const before = offers.all.at(-1)!
    knowsUs = false
    seq = 0
    const routing = { id: before, peer: prosody.componentDomain, device: 'a'.repeat(64) }
    const value = { ...routing, stamp: '2002-02-12T20:22:59.000Z', reason: 'not-found' as const }
    const payload = writeAction({ action: 'abort', value })
    await request(component, { to: entity.jid!.toString(), type: 'set', payload })
    await registrations.next()
    let offered = before
    while (offered === before) offered = await offers.next()
    // Not stanza by stanza: it is a whole list again.
    expect(offered).not.to.equal(before)
  })
})
