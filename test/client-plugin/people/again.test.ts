/** Asking again for what was received once: from the same device, from another one, from whoever shares it, or from nobody. */

import { appendFileSync, copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { FileTransferError, Request, Transfer } from '../../../client-plugin/index.js'
import { writeAction } from '../../../schemas/index.js'
import { request } from '../../../wire/index.js'
import { newOfferId } from '../../component/stage.js'
import { type Device, digestOf, endOf, Stage } from './stage.js'

describe('a transfer that is asked for again', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Device
  let mephisto: Device
  let files = 0

  before(async () => {
    stage = await new Stage().open()
    stage.prosody.befriend('faust', 'mephisto')
    faust = await stage.device('faust', 'desk')
    mephisto = await stage.device('mephisto', 'desk', { sourceDeadlineMs: 2_000 })
  })
  after(() => stage.close())

  /** A file that Mephisto got from Faust, and lost. */
  async function lost(bytes = 100_000) {
    const name = `file-${++files}.bin`
    const { path, digest } = stage.file(name, bytes)
    await faust.files.send(mephisto.jid, [path])
    const offer = await mephisto.offered(name)
    const received = await offer.accept({ into: mephisto.into })
    const got = await received.finished
    rmSync(got.path)
    return { name, path, digest, key: received.key, got, root: Buffer.from(offer.root!, 'hex') }
  }

  it('comes from the device that sent it, by itself, to where it was, also after both began again', async () => {
    const { key, digest, got } = await lost()
    await Promise.all([faust.restart(), mephisto.restart()])
    expect(mephisto.files.ended().map((transfer) => transfer.key)).to.include(key)
    const again = await mephisto.files.again(key)
    expect((await again.finished).path).to.equal(got.path)
    expect(digestOf(got.path)).to.equal(digest)
    // It is there: nothing is moved.
    const once = await (await mephisto.files.again(key)).finished
    expect([once.wasThere, once.bytesMoved]).to.deep.equal([true, 0])
  })

  it('comes from a file that was copied back, as long as its content is the same; another place can be named', async () => {
    const { key, digest, path } = await lost()
    copyFileSync(path, `${path}.copy`)
    renameSync(`${path}.copy`, path)
    const into = mephisto.into
    const done = await (await mephisto.files.again(key, { into, filename: 'other.bin' })).finished
    expect([done.path, digestOf(done.path)]).to.deep.equal([join(into, 'other.bin'), digest])
  })

  it('comes from another device of the same person, which has it to send to him too', async () => {
    const { key, digest, path, name } = await lost()
    const phone = await stage.device('faust', 'phone')
    await phone.files.send(mephisto.jid, [path])
    // Whatever became of that: it was offered.
    const onDesk = mephisto.offers.filter(({ filename }) => filename === name).at(-1)!
    await onDesk.decline().catch(() => undefined)
    await faust.stop()
    const done = await (await mephisto.files.again(key)).finished
    expect(digestOf(done.path)).to.equal(digest)
    await phone.stop()
    await faust.start()
  })

  it('comes from whoever shares the same content, where who sent it has another by now', async () => {
    const { key, digest, path, name } = await lost()
    const wagner = await stage.device('wagner', 'desk')
    const folder = wagner.into
    copyFileSync(path, join(folder, name))
    const { id } = await wagner.files.shares.add(folder)
    await wagner.files.shares.current(id)
    appendFileSync(path, 'more')
    const again = await mephisto.files.again(key)
    const done = await again.finished
    expect([digestOf(done.path), again.peer]).to.deep.equal([digest, wagner.jid])
    await wagner.files.shares.remove(id)
    await wagner.stop()
  })

  it('is not to be had where nobody has it, or it was taken back (P11)', async () => {
    const { key, path } = await lost()
    appendFileSync(path, 'more')
    const refused = await mephisto.files.again(key)
    expect([await endOf(refused), refused.state, refused.trouble?.code]).to.deep.equal(
      Array(3).fill('declined'),
    )
    const name = `file-${++files}.bin`
    const { path: other } = stage.file(name)
    const transfer = await faust.files.send(mephisto.jid, [other])
    const offer = await mephisto.offered(name)
    await transfer.abort()
    await new Promise<void>((resolve) => {
      if (offer.gone.aborted) resolve()
      else offer.gone.addEventListener('abort', () => resolve())
    })
    const takenBack = await mephisto.files.again(offer.sid, { into: mephisto.into })
    expect(await endOf(takenBack)).to.equal('declined')
    const codeOf = (asked: Promise<unknown>) =>
      asked.then(
        () => 'none',
        ({ code }: FileTransferError) => code,
      )
    expect(await codeOf(mephisto.files.again('nothing-like-it'))).to.equal('unknown-transfer')
    expect(await codeOf(faust.files.again(transfer.key))).to.equal('wrong-state')
  })

  it('is not sent by itself to anybody else who knows its root: a person is asked (P11)', async () => {
    const { name, root } = await lost()
    stage.prosody.befriend('faust', 'gretchen')
    const gretchen = await stage.device('gretchen', 'desk')
    const shown = new Promise<Request>((resolve) => faust.files.once('request', resolve))
    const sent = new Promise<Transfer>((resolve) => faust.files.once('transfer', resolve))
    const value = { id: newOfferId(), peer: faust.jid, filename: name, append: false, root }
    const payload = writeAction({ action: 'request', value })
    await request(gretchen.entity, { to: stage.prosody.componentDomain, type: 'set', payload })
    const what = await Promise.race([shown, sent.then(() => 'it was sent')])
    expect(what).to.include({ peer: gretchen.jid, filename: name })
    await (what as Request).decline()
    await gretchen.stop()
  })

  it('is not to be had where an offer to every device was taken back after this one had given up (P11)', async () => {
    const tablet = await stage.device('mephisto', 'tablet')
    const name = `file-${++files}.bin`
    const { path } = stage.file(name, 3_000_000)
    const transfer = await faust.files.send(mephisto.jid, [path], { everyDevice: true })
    const begun = new Promise<Transfer>((resolve) => transfer.once('part', resolve))
    const offer = await mephisto.offered(name)
    await tablet.offered(name)
    const received = await offer.accept({ into: mephisto.into })
    received.finished.catch(() => undefined)
    const part = await begun
    await received.abort()
    await part.finished.catch(() => undefined)
    await transfer.abort()
    expect([part.state, part.trouble?.code]).to.deep.equal(['aborted', 'aborted-by-peer'])
    const asked = await mephisto.files.again(received.key)
    expect([await endOf(asked), asked.state]).to.deep.equal(['declined', 'declined'])
    await tablet.stop()
  })
})
