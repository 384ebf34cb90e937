/** Lists that are none, devices that are not who they say, and what becomes of those that break off. */

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { expect } from 'chai'
import { readList } from '../../../component/list-link/read-list.js'
import { createDeviceIdentity } from '../../../link/index.js'
import { freePort } from '../../../scripts/free-port.js'
import { everybody, Person, until } from '../desk/asking.js'
import { newDevice, refusalOf, Stage } from '../stage.js'
import { Bringer, brought, heldBack, packed, realistic } from './bringer.js'

const share = 'lieder-2002'
const line = (name: string) => `${name}\t1\t0\t${Buffer.alloc(32).toString('base64')}\n`
const head = (entries: number, seq = 1) => `jabberfs-list 1\t${share}\t${seq}\t${entries}\n`

describe('a list that is read', () => {
  it('has media types in lower case, as they are looked for', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jabberfs-lists-'))
    try {
      const path = join(dir, 'list')
      writeFileSync(path, deflateSync(`${head(1)}${line('a').trimEnd()}\tIMAGE/Jpeg\n`))
      const { batches } = await readList(path)
      const types: unknown[] = []
      for await (const batch of batches) types.push(...batch.map(({ mediaType }) => mediaType))
      expect(types).to.deep.equal(['image/jpeg'])
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

describe('a list that is none', () => {
  let stage: Stage
  let dir: string
  let faust: Bringer
  let person: Person

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-lists-'))
    stage = await Stage.open({ listPort: await freePort(), listHost: '127.0.0.1' })
    const identity = await createDeviceIdentity()
    person = await Person.at(stage, 'faust', identity.id)
    faust = new Bringer(person.device, identity)
    await person.ask('register', {})
    await person.ask('share', { id: share, name: 'Lieder', tags: [], visibility: everybody })
  })
  after(async () => {
    await stage?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const leftovers = () => {
    const folder = join(stage.state, 'lists')
    return existsSync(folder) ? readdirSync(folder) : []
  }

  it('is ended as bad data, whatever is wrong with it, and nothing of it stays (case 114)', async () => {
    const good = deflateSync(head(2) + line('a') + line('b'))
    const none: Record<string, Uint8Array> = {
      'no zlib stream': Buffer.from('Habe nun, ach! Philosophie'),
      'cut off': good.subarray(0, good.length - 5),
      'more behind its end': Buffer.concat([good, Buffer.from('x')]),
      'not in order': deflateSync(head(2) + line('b') + line('a')),
      'fewer than said': deflateSync(head(3) + line('a') + line('b')),
      'more than said': deflateSync(head(1) + line('a') + line('b')),
      'a path that leads out': deflateSync(head(1) + line('..')),
      'no line feed at the end': deflateSync((head(1) + line('a')).slice(0, -1)),
      empty: deflateSync(''),
    }
    for (const [what, bytes] of Object.entries(none)) {
      expect(await faust.bring(await brought(dir, bytes)), what).to.equal('bad-data')
    }
    expect(await person.find('a')).to.deep.equal([])
    expect(leftovers()).to.deep.equal([])
    expect(await faust.bring(await brought(dir, good))).to.equal('complete')
  })

  it('and unpacks to far more than it was is stopped as too much (case 114)', async () => {
    const names = Array.from({ length: 20_000 }, (_, n) =>
      line('語'.repeat(245) + String(n).padStart(8, '0')),
    )
    const bomb = deflateSync(head(20_000, 2) + names.join(''), { level: 9 })
    expect(await faust.bring(await brought(dir, bomb))).to.equal('policy')
    expect(leftovers()).to.deep.equal([])
  })

  it('is not taken as an offer: another name, no root, too large, or of nobody who is logged in (case 99)', async () => {
    const what = await brought(dir, deflateSync(head(0)))
    const refused = (changes: object) => refusalOf(faust.offer(what, changes))
    expect(await refused({ filename: 'my_girl.jpg' })).to.equal(
      'not-acceptable/modify field offer/file[1]/filename',
    )
    expect(await refused({ root: undefined, rootLater: true })).to.equal(
      'not-acceptable/modify field offer/file[1]/hash',
    )
    expect(await refused({ filesize: 2 ** 28 + 1 })).to.equal('not-acceptable/modify file-too-large')
    const stranger = new Bringer(await stage.client('wagner'), await createDeviceIdentity())
    expect(await refusalOf(stranger.offer(what))).to.equal('unexpected-request/wait login-required')
  })

  it('comes from another device than the one that offered it: it gets no link (case 74)', async () => {
    const what = await brought(dir, packed({ share, seq: 2, entries: 1 }, realistic(1)))
    await faust.offer(what)
    const accept = await faust.device.next('accept')
    const stranger = await createDeviceIdentity()
    const seen = await faust
      .dial(accept, stranger)
      .catch((error: unknown) => (error as { code: string }).code)
    expect(seen).to.equal('refused')
    await faust.serve(await faust.dial(accept), what).done
    expect(await faust.end()).to.equal('complete')
  })

  it('waits for its turn: one list a peer, eight in all; the same device’s newest counts (P16)', async () => {
    const what = await brought(dir, packed({ share, seq: 3, entries: 2 }, realistic(2)))
    await faust.offer(what)
    const first = await faust.device.next('accept')
    const otherDevice = await Person.at(stage, 'faust', newDevice())
    const other = new Bringer(otherDevice.device, faust.identity)
    expect(await refusalOf(other.offer(what))).to.equal('resource-constraint/wait retry')
    const names = ['gretchen', 'marthe', 'valentin', 'lieschen', 'frosch', 'brander', 'siebel']
    const others = await Promise.all(names.map((name) => Person.at(stage, name)))
    const bringers = others.map(({ device }) => new Bringer(device, faust.identity))
    for (const bringer of bringers) await bringer.offer(what)
    const ninth = await Person.at(stage, 'altmayer')
    expect(await refusalOf(new Bringer(ninth.device, faust.identity).offer(what))).to.equal(
      'resource-constraint/wait retry',
    )
    for (const bringer of bringers) {
      const { sid } = await bringer.device.next('accept')
      await bringer.device.say('abort', { sid: sid!, reason: 'user' })
      expect(await bringer.end()).to.equal('user')
    }
    await faust.offer(what)
    expect(await faust.end()).to.equal('policy')
    const second = await faust.device.next('accept')
    expect(second.sid).not.to.equal(first.sid)
    await faust.serve(await faust.dial(second), what).done
    expect(await faust.end()).to.equal('complete')
  })

  it('goes on from what is held when its link broke (P4)', async () => {
    const what = await brought(dir, packed({ share, seq: 4, entries: 90_000 }, realistic(90_000)))
    expect(what.source.filesize).to.be.greaterThan(3 * 2 ** 20)
    await faust.offer(what)
    const link = await faust.dial(await faust.device.next('accept'))
    const { channel, reached } = heldBack(link, 2.5 * 2 ** 20)
    const serving = faust.serve(channel, what)
    await reached
    // What was said is still on its way.
    const isHeld = () =>
      leftovers().some((name) => statSync(join(stage.state, 'lists', name)).size >= 2 ** 20)
    await until(async () => isHeld(), Boolean)
    link.destroy()
    await serving.done.catch(() => {})
    expect(await faust.end()).to.equal('failed')
    await faust.offer(what)
    const again = await faust.device.next('accept')
    expect(again.append).to.equal(true)
    expect(again.filebytesdone).to.be.greaterThanOrEqual(2 ** 20)
    const rest = faust.serve(await faust.dial(again), what)
    const { bytesSent } = await rest.done
    expect(bytesSent).to.be.lessThan(what.source.filesize - 2 ** 20 + 1)
    expect(await faust.end()).to.equal('complete')
    expect(leftovers()).to.deep.equal([])
    expect(await person.find('0089999')).to.deep.equal(['song 0089999.mp3'])
  })
})
