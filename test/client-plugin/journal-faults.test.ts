/**
 * A journal that cannot be written for a while, at every write there is: nothing is said that is not durable, and every
 * transfer goes on by itself and ends as without the fault, once (P6, P20, case 95).
 */

import fs, { mkdirSync, readdirSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  createClientEntity,
  type FileTransfer,
  type FileTransferError,
  fileTransfer,
  type Offer,
  type Transfer,
  type XmppEntity,
} from '../../client-plugin/index.js'
import { digestOf, randomFile, Stage } from '../scenarios/stage.js'
import { FailingJournals } from './failing-journals.js'

/** How long a fault lasts, in writes. */
const times = 2

describe('a journal that cannot be written for a while', function () {
  this.timeout(180_000)
  const journals = new FailingJournals()
  const stage = new Stage()
  const entities: XmppEntity[] = []
  const unhandled: unknown[] = []
  const hear = (error: unknown) => unhandled.push(error)
  let faust: FileTransfer
  let mephisto: FileTransfer
  let into: string

  const stateOf = (name: string) => join(stage.dir, `state-${name}`)

  async function plugin(name: string): Promise<FileTransfer> {
    const jid = stage.prosody.addUser(name, 'secret')
    const { service } = stage.prosody
    const entity = createClientEntity({ jid, password: 'secret', service })
    entity.on('error', () => undefined)
    entities.push(entity)
    await entity.start()
    const files = begin(name, entity)
    await files.ready
    return files
  }

  function begin(name: string, entity: XmppEntity): FileTransfer {
    const { componentDomain: component } = stage.prosody
    const listen = { host: '127.0.0.1' }
    const options = { component, allowLoopback: true, listen, offersFrom: 'everybody' as const }
    return fileTransfer(entity, { ...options, state: stateOf(name) })
  }

  before(async () => {
    journals.install()
    process.on('unhandledRejection', hear)
    process.on('uncaughtException', hear)
    await stage.open()
    ;[faust, mephisto] = await Promise.all([plugin('faust'), plugin('mephisto')])
    into = join(stage.dir, 'into')
    mkdirSync(into)
  })
  after(async () => {
    await Promise.all([faust?.stop(), mephisto?.stop()])
    await Promise.all(entities.map((entity) => entity.stop()))
    await stage.close()
    journals.remove()
    process.off('unhandledRejection', hear)
    process.off('uncaughtException', hear)
  })
  afterEach(() => {
    journals.heal()
    mephisto.removeAllListeners('offer')
    faust.removeAllListeners('request')
    expect(unhandled).to.deep.equal([])
  })

  const offerOf = (name: string) =>
    new Promise<Offer>((resolve) => {
      const look = (offer: Offer) => {
        if (offer.filename !== name) return
        mephisto.off('offer', look)
        resolve(offer)
      }
      mephisto.on('offer', look)
    })

  const codeOf = (error: unknown) => (error as FileTransferError).code

  /** Does it again as long as the disk is full. */
  async function persist<T>(what: () => Promise<T>): Promise<T> {
    for (let n = 0; ; n++) {
      try {
        return await what()
      } catch (error) {
        if (codeOf(error) !== 'no-space' || n > 2 * times) throw error
      }
    }
  }

  /** Sends a file of that name and sees it arrive, once, whole. */
  async function send(name: string, bytes = 2_500_000): Promise<void> {
    const { path, digest } = randomFile(stage.dir, name, bytes)
    const offered = offerOf(name)
    const sent = await persist(() => faust.send('mephisto@localhost', [path]))
    const offer = await offered
    const received = await persist(() => offer.accept({ into }))
    const [{ path: placed }] = await Promise.all([received.finished, sent.finished])
    expect(placed).to.equal(join(into, name))
    expect(digestOf(placed)).to.equal(digest)
  }

  const leftovers = () => readdirSync(into).filter((name) => name.startsWith('.jabberfs'))

  for (const [side, who] of [
    ['sending', 'faust'],
    ['receiving', 'mephisto'],
  ] as const) {
    it(`holds a transfer up, and no more: at each write of the ${side} side (P20, case 95)`, async () => {
      const dir = stateOf(who)
      journals.watch(dir, `plain-${side}`)
      await send(`plain-${side}`)
      const writes = journals.count(dir, `plain-${side}`)
      expect(writes).to.be.greaterThan(4)
      const names = Array.from({ length: writes }, (_, n) => `${side}-at-${n + 1}-of-${writes}`)
      for (const [n, name] of names.entries()) journals.fail(dir, name, n + 1, 1)
      await Promise.all(names.map((name) => send(name)))
      // How often is written depends on what comes when: who writes less often has no last write to fail.
      const reached = names.filter((name, n) => journals.count(dir, name) > n)
      expect(reached).to.have.length.greaterThan(4)
      for (const name of reached) expect(journals.failed, name).to.include(name)
      expect(readdirSync(into).filter((name) => name.startsWith(side))).to.have.members(names)
      expect(leftovers()).to.deep.equal([])
    })
  }

  it('shows why it waits, and goes on without anybody’s doing', async () => {
    const { path } = randomFile(stage.dir, 'shown', 1_000)
    const offered = offerOf('shown')
    await faust.send('mephisto@localhost', [path])
    const received = await (async () => {
      const offer = await offered
      journals.fail(stateOf('mephisto'), 'shown', 1 + 1, times)
      return offer.accept({ into })
    })()
    const seen: string[] = []
    received.on('state', (state, why) => seen.push(`${state} ${why?.code ?? ''}`.trim()))
    await received.finished
    expect(seen).to.include('waiting no-space')
    expect(seen).to.not.include('paused no-space')
  })

  it('does not lose the wish to end it: what a signal says is done when it can be written', async () => {
    const { path } = randomFile(stage.dir, 'unwanted', 1_000)
    const stop = new AbortController()
    const sent = await faust.send('gretchen@localhost', [path], { signal: stop.signal })
    journals.fail(stateOf('faust'), 'unwanted', 1, times)
    stop.abort()
    expect(await sent.finished.catch(codeOf)).to.equal('aborted')
    expect(journals.failed.filter((name) => name === 'unwanted')).to.have.length(times)
  })

  it('goes on when the disk of the file and of the journal was full at once (P3, P20, case 95)', async () => {
    const name = 'both-full'
    const { path, digest } = randomFile(stage.dir, name, 6_000_000)
    const offered = offerOf(name)
    const sent = await faust.send('mephisto@localhost', [path])
    const offer = await offered
    // That it is suspended is what cannot be written.
    journals.fail(stateOf('mephisto'), '"paused":true', 1, times)
    const { writeSync } = fs
    let left = 3
    fs.writeSync = ((...given: Parameters<typeof writeSync>) => {
      // Blocks and their records; a pipe of this process is neither.
      if (left === 0 || given[0] <= 2 || given[2] === undefined) return writeSync(...given)
      if (--left < 2) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      return writeSync(...given)
    }) as typeof writeSync
    syncBuiltinESMExports()
    try {
      const received = await offer.accept({ into })
      const [{ path: placed }] = await Promise.all([received.finished, sent.finished])
      expect(digestOf(placed)).to.equal(digest)
      expect(left).to.equal(0)
      expect(journals.failed).to.include('"paused":true')
      expect(leftovers()).to.deep.equal([])
    } finally {
      fs.writeSync = writeSync
      syncBuiltinESMExports()
    }
  })

  it('picks up what is unfinished even if nothing can be written at the start', async () => {
    const name = 'begun-full'
    const { path, digest } = randomFile(stage.dir, name, 2_500_000)
    const offered = offerOf(name)
    const sent = await faust.send('mephisto@localhost', [path])
    const received = await (await offered).accept({ into })
    await received.pause().catch(() => undefined)
    await mephisto.stop()
    journals.fail(stateOf('mephisto'), name, 1, times)
    mephisto = begin('mephisto', entities[1]!)
    const [resumed] = await mephisto.resume(received.key)
    const [{ path: placed }] = await Promise.all([resumed!.finished, sent.finished])
    expect(digestOf(placed)).to.equal(digest)
  })

  it('finds a file that got its name and was not journaled, after a restart too: one file, nothing beside it (case 93)', async () => {
    const name = 'restarted'
    const { path, digest } = randomFile(stage.dir, name, 2_500_000)
    const offered = offerOf(name)
    const sent = await faust.send('mephisto@localhost', [path])
    const offer = await offered
    // The file gets its name, and that cannot be written until the program has ended.
    journals.fail(stateOf('mephisto'), '"placed"', 1, 1_000)
    const received: Transfer = await offer.accept({ into })
    await new Promise<void>((resolve) =>
      received.on('state', (_state, why) => why?.code === 'no-space' && resolve()),
    )
    expect(readdirSync(into)).to.include(name)
    await mephisto.stop()
    journals.heal()
    mephisto = begin('mephisto', entities[1]!)
    const [resumed] = await mephisto.resume(received.key)
    const [{ path: placed }] = await Promise.all([resumed!.finished, sent.finished])
    expect(digestOf(placed)).to.equal(digest)
    expect(readdirSync(into).filter((each) => each.startsWith(name))).to.deep.equal([name])
    expect(leftovers()).to.deep.equal([])
  })
})
