/** A source that cannot be read for a moment, and one that cannot be read any more. */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { constants } from 'node:os'
import { basename } from 'node:path'
import { expect } from 'chai'
import type { Transfer } from '../../../client-plugin/index.js'
import { Patience } from '../../../client-plugin/transfer/patience.js'
import { type Device, digestOf, endOf, Stage } from '../people/stage.js'

type AnyCall = (...args: unknown[]) => unknown

const mebibyte = 2 ** 20
const errors = { ...constants.errno }

/** The calls of the file system about one file that fail, until they are taken back. */
class Faults {
  /** How many calls of a name fail yet, and how. */
  readonly #due = new Map<string, { code: keyof typeof errors; times: number }>()
  readonly #real = new Map<string, AnyCall>()
  readonly #fds = new Set<unknown>()
  path = ''
  /** How many calls failed. */
  failed = 0

  constructor() {
    const isPath = ([path]: unknown[]) => String(path).endsWith(this.path)
    const isOpen = ([fd]: unknown[]) => this.#fds.has(fd)
    this.#replace('openSync', isPath, (fd) => void this.#fds.add(fd))
    this.#replace('readSync', isOpen)
    this.#replace('fstatSync', isOpen)
    const { lstat } = fs.promises
    fs.promises.lstat = (async (...args: Parameters<typeof lstat>) => {
      if (isPath(args)) this.#fail('lstat')
      return lstat(...args)
    }) as typeof lstat
    this.#real.set('lstat', lstat as AnyCall)
    syncBuiltinESMExports()
  }

  #replace(name: string, isMeant: (args: unknown[]) => boolean, after?: (result: unknown) => void): void {
    const real = (fs as unknown as Record<string, AnyCall>)[name]!
    this.#real.set(name, real)
    const replaced: AnyCall = (...args) => {
      const isOurs = isMeant(args)
      if (isOurs) this.#fail(name)
      const result = real(...args)
      if (isOurs) after?.(result)
      return result
    }
    Object.assign(fs, { [name]: replaced })
  }

  #fail(name: string): void {
    const due = this.#due.get(name)
    if (due === undefined || due.times === 0) return
    due.times -= 1
    this.failed += 1
    const { code } = due
    throw Object.assign(new Error(`${code}: ${name}`), { code, errno: -errors[code] })
  }

  due(name: string, code: keyof typeof errors, times = 1): void {
    this.#due.set(name, { code, times })
  }

  over(): void {
    for (const [name, real] of this.#real) {
      if (name === 'lstat') fs.promises.lstat = real as typeof fs.promises.lstat
      else Object.assign(fs, { [name]: real })
    }
    syncBuiltinESMExports()
  }
}

describe('a source that cannot be read', function () {
  this.timeout(60_000)
  const stage = new Stage()
  let faults: Faults
  let faust: Device
  let mephisto: Device

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([
      stage.device('faust', 'a'),
      stage.device('mephisto', 'b', { offersFrom: 'everybody' }),
    ])
    faults = new Faults()
  })
  after(async () => {
    faults.over()
    await stage.close()
  })

  /** Offers a file; the calls about it are those that may fail. */
  async function sent(name: string) {
    const { path, digest } = stage.file(name, 4 * mebibyte)
    faults.path = path
    const sending = await faust.files.send(mephisto.jid, [path], { hashFirst: false })
    const offer = await mephisto.offered(name)
    faults.failed = 0
    return { sending, offer, digest }
  }
  const troubles = (transfer: Transfer) => {
    const told: string[] = []
    transfer.on('state', (state, why) => told.push(why === undefined ? state : `${state}: ${why.message}`))
    return told
  }

  for (const [name, code] of [
    ['readSync', 'EIO'],
    ['fstatSync', 'EIO'],
    ['lstat', 'EIO'],
    ['lstat', 'ESTALE'],
    ['openSync', 'EMFILE'],
    ['openSync', 'ENFILE'],
  ] as const) {
    it(`for a moment is read again by itself (${code} of ${name}; case 95)`, async () => {
      const { sending, offer, digest } = await sent(`${name}-${code}`)
      // What was open for the offer is not open any more.
      await faust.restart()
      faults.due(name, code)
      const again = faust.files.transfer(sending.key)!
      const told = troubles(again)
      const receiving = await offer.accept({ into: mephisto.into })
      const { path } = await receiving.finished
      expect(digestOf(path)).to.equal(digest)
      expect(await endOf(again)).to.equal('complete')
      expect(faults.failed).to.equal(1)
      expect(told.join()).to.include(`waiting: Reading or writing a file failed: ${code}`)
    })
  }

  it('when it was asked for is said to be there once more (EIO)', async () => {
    const { path, digest } = stage.file('asked', 4 * mebibyte)
    faults.path = path
    faust.files.once('request', (request) => {
      faults.failed = 0
      faults.due('lstat', 'EIO')
      request.accept(path).catch(() => undefined)
    })
    const receiving = await mephisto.files.request(faust.jid, 'asked', { into: mephisto.into })
    expect(digestOf((await receiving.finished).path)).to.equal(digest)
    expect(faults.failed).to.equal(1)
  })

  it('is received by itself, too, where too many files are open for a moment (EMFILE; case 95)', async () => {
    const { path, digest } = stage.file('crowded', 4 * mebibyte)
    await faust.files.send(mephisto.jid, [path])
    const offer = await mephisto.offered('crowded')
    // He is away when it is accepted: so the part file is opened again, for the next attempt.
    await faust.stop()
    const { key, record } = (await offer.accept({ into: mephisto.into })) as Transfer & {
      record: { part: { path: string } }
    }
    await mephisto.restart()
    faults.path = basename(record.part.path)
    faults.failed = 0
    faults.due('openSync', 'EMFILE')
    await faust.start()
    const [receiving] = await mephisto.files.resume(key)
    const told = troubles(receiving!)
    expect(digestOf((await receiving!.finished).path)).to.equal(digest)
    expect(faults.failed).to.equal(1)
    expect(told.join()).to.include('waiting: Reading or writing a file failed: EMFILE')
  })

  it('and will not be in a moment ends for both, at once (EACCES)', async () => {
    const { sending, offer } = await sent('forbidden')
    faults.due('readSync', 'EACCES')
    const receiving = await offer.accept({ into: mephisto.into })
    expect(await endOf(receiving)).to.equal('aborted-by-peer')
    expect(await endOf(sending)).to.equal('io')
  })

  it('is tried again for some two minutes, and anew where it went on meanwhile', () => {
    const patience = new Patience()
    const seconds = (faults: number) => Array.from({ length: faults }, () => patience.waitMs()! / 1_000)
    const waits = seconds(7)
    for (const [n, wait] of waits.entries()) {
      const least = Math.min(60, 2 ** n)
      expect(wait).to.be.within(least, Math.min(60, least * 1.25))
    }
    // What the other side had before is no step further.
    patience.reached(0)
    expect(patience.waitMs()).to.equal(undefined)
    patience.reached(1)
    expect(seconds(1)[0]).to.be.below(1.26)
    patience.reached(1)
    expect(seconds(1)[0]).to.be.within(2, 2.5)
  })
})
