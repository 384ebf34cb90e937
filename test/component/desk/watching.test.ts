/** What saved searches find is told, once, at a pace, to who may see it; only the stream is a fake. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Session } from '../../../component/attendance/logins.js'
import { type Catalogue, openCatalogue } from '../../../component/catalogue/catalogue.js'
import type { DeviceName } from '../../../component/catalogue/values.js'
import { Notices } from '../../../component/desk/notices.js'
import type { VisibleTo } from '../../../protocol/catalogue/visibility.js'
import { type Element, type Matched, matched } from '../../../schemas/index.js'
import { RequestFailed, RequestRefused } from '../../../wire/index.js'
import { Inbox } from '../stage.js'
import { rootOf } from './asking.js'

const device = (peer: string): DeviceName => ({ peer: `${peer}@localhost`, device: peer.padEnd(64, '0') })
const faust = device('faust')
const mephisto = device('mephisto')
const at = (name: DeviceName): Session => ({ row: 1, party: name, jid: `${name.peer}/x`, heard: 0 })
const everybody: VisibleTo = { kind: 'everybody' }

describe('notices of saved searches', () => {
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-notices-'))
  let catalogue: Catalogue
  let notices: Notices
  let heard: Inbox<Matched>
  /** How the device answers; it hears if nothing is thrown. */
  let answering: () => void
  let share = 0

  before(async () => {
    catalogue = await openCatalogue({
      path: join(dir, 'catalogue.sqlite'),
      readers: 1,
      onMatch: (watch) => notices.found(watch),
    })
    await catalogue.register(faust)
  })
  after(async () => {
    await catalogue.close()
    rmSync(dir, { recursive: true, force: true })
  })
  beforeEach(() => {
    heard = new Inbox()
    answering = () => {}
    begin(0)
  })
  afterEach(() => notices.stop())

  function begin(leastBetweenMs: number): void {
    notices = new Notices({
      catalogue,
      leastBetweenMs,
      log: {
        error(fields, message) {
          throw new Error(message, { cause: fields })
        },
      },
      speaker: {
        async ask(_to: string, _type: 'get' | 'set', payload: Element) {
          heard.put(matched.read(payload))
          answering()
        },
        room: () => undefined,
        presence: () => {},
      },
    })
  }

  async function publish(paths: string[], visibleTo = everybody): Promise<void> {
    const name = { ...faust, share: `Bilder-${++share}-0000` }
    await catalogue.openShare(name, { name: 'Bilder', tags: [], visibleTo })
    const adds = paths.map((path) => {
      const root = Buffer.from(rootOf(path)).toString('hex')
      return { path, root, size: 1, modified: 1 }
    })
    const answer = await catalogue.publish(name, { base: 0, seq: 1, adds, removes: [] })
    expect(answer.kind).to.equal('ok')
  }
  const pathsOf = ({ hits }: Matched) => hits.map(({ path }) => path).sort()

  it('come at once, and collected when more comes soon', async () => {
    // Long enough for two publications, also where the disk is slow.
    begin(4_000)
    await catalogue.saveSearch({ ...mephisto, watch: 'w1' }, { words: 'opera' })
    notices.attend(at(mephisto), true)
    await publish(['opera 1.txt'])
    expect(pathsOf(await heard.next())).to.deep.equal(['opera 1.txt'])
    await publish(['opera 2.txt'])
    await publish(['opera 3.txt', 'other.txt'])
    expect(heard.untaken).to.equal(0)
    expect(pathsOf(await heard.next())).to.deep.equal(['opera 2.txt', 'opera 3.txt'])
  })

  it('show eight hits, and how many there are beside them', async () => {
    await catalogue.saveSearch({ ...mephisto, watch: 'w2' }, { words: 'symphonie' })
    notices.attend(at(mephisto), true)
    await publish(Array.from({ length: 60 }, (_, number) => `symphonie ${number}.txt`))
    const { id, hits, more } = await heard.next()
    expect(id).to.equal('w2')
    expect(hits).to.have.lengthOf(8)
    expect(more).to.equal(52)
  })

  it('wait for a device that is away, also over a restart, and come once', async () => {
    await catalogue.saveSearch({ ...mephisto, watch: 'w3' }, { words: 'walpurgis' })
    await publish(['walpurgis 1.txt', 'walpurgis 2.txt'])
    notices.stop()
    begin(0)
    notices.attend(at(mephisto), true)
    expect(pathsOf(await heard.next())).to.deep.equal(['walpurgis 1.txt', 'walpurgis 2.txt'])
    notices.attend(at(mephisto), false)
    notices.attend(at(mephisto), true)
    await publish(['walpurgis 3.txt'])
    expect(pathsOf(await heard.next())).to.deep.equal(['walpurgis 3.txt'])
  })

  it('come again when they were not heard, and not when the device does not want them', async () => {
    await catalogue.saveSearch({ ...mephisto, watch: 'w4' }, { words: 'homunculus' })
    answering = () => {
      throw new RequestFailed('timeout')
    }
    notices.attend(at(mephisto), true)
    await publish(['homunculus 1.txt'])
    await heard.next()
    answering = () => {
      throw new RequestRefused('feature-not-implemented', 'cancel')
    }
    notices.attend(at(mephisto), false)
    notices.attend(at(mephisto), true)
    expect(pathsOf(await heard.next())).to.deep.equal(['homunculus 1.txt'])
    answering = () => {}
    notices.attend(at(mephisto), false)
    notices.attend(at(mephisto), true)
    await publish(['homunculus 2.txt'])
    expect(pathsOf(await heard.next())).to.deep.equal(['homunculus 2.txt'])
  })

  it('are not of what one may not see, or shares oneself (P11)', async () => {
    await catalogue.saveSearch({ ...mephisto, watch: 'w5' }, { words: 'hexe' })
    await catalogue.saveSearch({ ...faust, watch: 'w5' }, { words: 'hexe' })
    notices.attend(at(mephisto), true)
    notices.attend(at(faust), true)
    await publish(['hexe 1.txt'], { kind: 'nobody' })
    await publish(['hexe 2.txt'], { kind: 'only', domains: ['elsewhere.example'], peers: [] })
    await publish(['hexe 3.txt'], { kind: 'only', domains: [], peers: [mephisto.peer] })
    expect(pathsOf(await heard.next())).to.deep.equal(['hexe 3.txt'])
    await catalogue.block(faust.peer, [mephisto.peer])
    await publish(['hexe 4.txt'])
    await catalogue.block(faust.peer, [])
    await publish(['hexe 5.txt'])
    expect(pathsOf(await heard.next())).to.deep.equal(['hexe 5.txt'])
    expect(heard.untaken).to.equal(0)
  })
})
