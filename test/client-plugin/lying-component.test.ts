/** A component that says what no rule allows: nothing begins here that nobody here said yes to. The component is played here. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  createClientEntity,
  type FileTransfer,
  type FileTransferError,
  fileTransfer,
  type Offer,
  type Request,
  type XmppEntity,
} from '../../client-plugin/index.js'
import { nsTransfer } from '../../schemas/index.js'
import { parseXml } from '../../schemas/xml.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { createComponentEntity, onPresence, type RequestRefused, request } from '../../wire/index.js'

const device = 'd'.repeat(64)
const token = Buffer.alloc(32, 7).toString('base64')
const hash = `<hash xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'>${Buffer.alloc(32, 1).toString('base64')}</hash>`
const file = `<file><filename>song_hell.mp3</filename><filesize>7</filesize>${hash}</file>`

describe('a component that lies', function () {
  this.timeout(180_000)
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-lying-'))
  const faults: FileTransferError[] = []
  let prosody: PrivateProsody
  let component: XmppEntity
  let entity: XmppEntity
  let files: FileTransfer

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
    await component.start()
    entity = createClientEntity({ jid: 'faust@localhost', password: 'secret', service })
    await entity.start()
    files = fileTransfer(entity, { component: domain, state: join(dir, 'state'), maxPendingOffers: 2 })
    files.on('trouble', (error) => faults.push(error))
    await files.ready
  })
  after(async () => {
    await files.stop()
    await entity.stop()
    await component.stop()
    await prosody.stop()
    rmSync(dir, { recursive: true })
  })

  /** Says it, as about a transfer with another device of the same person, or of `peer`. @returns `result`, or the condition of its refusal */
  const say = (
    name: string,
    sid: string,
    attrs: string,
    inside: string,
    peer = 'faust@localhost',
  ): Promise<string> =>
    request(component, {
      to: entity.jid!.toString(),
      type: 'set',
      payload: parseXml(
        `<${name} xmlns='${nsTransfer}' sid='${sid}' id='${sid.slice(0, 16)}' peer='${peer}' device='${device}' ` +
          `stamp='2026-01-01T00:00:00.000Z' ${attrs}>${inside}</${name}>`,
      ),
    }).then(
      () => 'result',
      (error: RequestRefused) => error.condition,
    )

  const opens = `<connecting/><token>${token}</token>`

  it('does not have an offer taken that nobody here has taken', async () => {
    const sid = '1'.repeat(32)
    const shown = new Promise<Offer>((resolve) => files.once('offer', resolve))
    expect(await say('offer', sid, '', file)).to.equal('result')
    const offer = await shown
    expect(await say('accept', sid, `attempt='1'`, opens + file)).to.equal('forbidden')
    expect(await say('append', sid, `attempt='2'`, `${opens}<filebytesdone>0</filebytesdone>`)).to.equal(
      'forbidden',
    )
    expect(files.offers().map((each) => each.sid)).to.deep.equal([sid])
    expect(offer.gone.aborted).to.equal(false)
    expect(faults).to.deep.equal([])
  })

  it('does not have a request answered, or ended well, that nobody here has answered', async () => {
    const sid = '2'.repeat(32)
    const shown = new Promise<Request>((resolve) => files.once('request', resolve))
    expect(await say('request', sid, '', '<filename>song_hell.mp3</filename>')).to.equal('result')
    const asked = await shown
    expect(await say('accept', sid, `attempt='1'`, opens)).to.equal('forbidden')
    expect(await say('append', sid, `attempt='1'`, `${opens}<filebytesdone>0</filebytesdone>`)).to.equal(
      'forbidden',
    )
    expect(await say('complete', sid, `attempt='1'`, hash)).to.equal('forbidden')
    expect(asked.gone.aborted).to.equal(false)
    expect(faults).to.deep.equal([])
  })

  it('does not give the id of one transfer to another', async () => {
    expect(await say('offer', '2'.repeat(32), '', file)).to.equal('item-not-found')
    expect(faults).to.deep.equal([])
  })

  it('does not fill a device with what is neither shown nor answered (P16)', async () => {
    const stranger = 'homunculus@wagner.example'
    const sids = Array.from({ length: 264 }, (_, at) => `${at + 16}`.padStart(32, '3'))
    const answers = []
    for (const sid of sids) answers.push(await say('offer', sid, '', file, stranger))
    expect(answers).to.deep.equal(sids.map((_, at) => (at < 256 ? 'result' : 'resource-constraint')))
    expect(await say('request', '4'.repeat(32), '', '<filename>a</filename>', stranger)).to.equal(
      'resource-constraint',
    )
    expect(await say('abort', sids[0]!, '', '<reason>expired</reason>', stranger)).to.equal('result')
    expect(await say('offer', sids.at(-1)!, '', file, stranger)).to.equal('result')
    expect(faults).to.deep.equal([])
  })
})
