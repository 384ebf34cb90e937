/**
 * The sending side hears that an attempt was opened, once, again, renewed, too late, and without its addresses: what it says to each
 * (docs/protocol.md, "Attempts"). The component is played here.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  createClientEntity,
  type FileTransfer,
  fileTransfer,
  type Transfer,
} from '../../../client-plugin/index.js'
import { nsTransfer } from '../../../schemas/index.js'
import { parseXml } from '../../../schemas/xml.js'
import { type PrivateProsody, startProsody } from '../../../scripts/private-prosody.js'
import { answer, createComponentEntity, onPresence, request, type XmppEntity } from '../../../wire/index.js'
import { shows } from '../people/stage.js'

const sid = '5'.repeat(32)
const tokenOf = (n: number) => `<token>${Buffer.alloc(32, n).toString('base64')}</token>`

describe('an attempt that is opened', function () {
  this.timeout(60_000)
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-openings-'))
  /** What the sending side has said, such as `listening 1`. */
  const said: string[] = []
  const waiting = new Set<() => void>()
  let prosody: PrivateProsody
  let component: XmppEntity
  let entity: XmppEntity
  let files: FileTransfer
  let transfer: Transfer

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
    for (const name of ['offer', 'listening', 'connecting', 'timeout', 'abort'])
      answer(component, {
        type: 'set',
        ns: nsTransfer,
        name,
        handle: (payload) => {
          said.push(name === 'offer' ? payload.attrs.id! : `${name} ${payload.attrs.attempt}`)
          for (const look of [...waiting]) look()
        },
      })
    await component.start()
    entity = createClientEntity({ jid: 'faust@localhost', password: 'secret', service })
    await entity.start()
    const listen = { host: '127.0.0.1' }
    files = fileTransfer(entity, {
      component: domain,
      state: join(dir, 'state'),
      allowLoopback: true,
      listen,
    })
    await files.ready
    writeFileSync(join(dir, 'song_hell.mp3'), 'hell')
    transfer = await files.send('mephisto@localhost', [join(dir, 'song_hell.mp3')])
  })
  after(async () => {
    await files.stop()
    await entity.stop()
    await component.stop()
    await prosody.stop()
    rmSync(dir, { recursive: true })
  })

  /** What the sending side says next; what it has said before is forgotten. */
  async function next(): Promise<string> {
    while (said.length === 0) await new Promise<void>((look) => waiting.add(look))
    return said.splice(0).join()
  }
  let id: string
  const say = (name: string, attempt: number, inside: string) =>
    request(component, {
      to: entity.jid!.toString(),
      type: 'set',
      payload: parseXml(
        `<${name} xmlns='${nsTransfer}' sid='${sid}' id='${id}' peer='mephisto@localhost' device='${'d'.repeat(64)}' ` +
          `stamp='2026-01-01T00:00:00.000Z' attempt='${attempt}'>${inside}</${name}>`,
      ),
    })
  const append = (attempt: number, inside: string) =>
    say('append', attempt, `${inside}<filebytesdone>0</filebytesdone>`)
  /** What was said by the time that all of an earlier word is done. */
  const saidMeanwhile = async () => {
    await request(entity, {
      to: prosody.componentDomain,
      type: 'get',
      payload: parseXml("<ping xmlns='urn:xmpp:ping'/>"),
    }).catch(() => undefined)
    return said.splice(0)
  }

  it('is answered, and again the same where the answer was lost (case 12)', async () => {
    id = await next()
    await say('accept', 1, `<connecting/>${tokenOf(1)}`)
    expect(await next()).to.equal('listening 1')
    await say('accept', 1, `<connecting/>${tokenOf(1)}`)
    expect(await next()).to.equal('listening 1')
    // A repeat whose addresses and token were lost is the same attempt.
    await say('accept', 1, '')
    expect(await next()).to.equal('listening 1')
    expect(transfer.state).to.equal('linking')
  })

  it('is answered anew under another token', async () => {
    await say('accept', 1, `<connecting/>${tokenOf(2)}`)
    expect(await next()).to.equal('listening 1')
    await append(2, `<connecting/>${tokenOf(3)}`)
    expect(await next()).to.equal('listening 2')
  })

  it('is nothing once a later one is open (case 15)', async () => {
    await say('accept', 1, `<connecting/>${tokenOf(2)}`)
    expect(await saidMeanwhile()).to.deep.equal([])
  })

  it('is void without addresses: the other side is to open the next at once', async () => {
    await append(3, '')
    expect(await next()).to.equal('timeout 3')
    expect(transfer.state).to.equal('waiting')
  })

  it('is not answered while this side has paused, and the other hears that nothing comes', async () => {
    await append(4, `<connecting/>${tokenOf(4)}`)
    expect(await next()).to.equal('listening 4')
    await transfer.pause()
    expect(await transfer.pause().catch(({ code }) => code)).to.equal('wrong-state')
    await append(5, `<connecting/>${tokenOf(5)}`)
    expect(await next()).to.equal('timeout 5')
    expect(transfer.state).to.equal('paused')
    await Promise.all([shows(transfer, (state) => state === 'waiting'), transfer.resume()])
    expect(await next()).to.equal('timeout 5')
  })
})
