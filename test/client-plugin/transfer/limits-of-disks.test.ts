/** A disk that takes no file so large, and a quota: they are no full disk, and are not called one. */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { constants } from 'node:os'
import { expect } from 'chai'
import type { FileTransferError } from '../../../client-plugin/index.js'
import { type Device, Stage } from '../people/stage.js'

const mebibyte = 2 ** 20

describe('a disk with a limit of its own', function () {
  this.timeout(60_000)
  const stage = new Stage()
  const { write } = fs
  let faust: Device
  let mephisto: Device

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([
      stage.device('faust', 'a'),
      stage.device('mephisto', 'b', { offersFrom: 'everybody' }),
    ])
  })
  afterEach(() => restore(write))
  after(() => stage.close())

  function restore(as: unknown): void {
    Object.assign(fs, { write: as })
    syncBuiltinESMExports()
  }

  /** What is written from half of the file on fails so. */
  function failsHalfWay(code: 'EFBIG' | 'EDQUOT', bytes: number): void {
    const failing = (...args: unknown[]) => {
      const [, , , , position] = args
      const done = args.at(-1) as (error: Error) => void
      if (Number(position) < bytes / 2) return (write as (...args: unknown[]) => void)(...args)
      // Node knows no name of a quota.
      const name = code === 'EDQUOT' ? {} : { code }
      setImmediate(() => done(Object.assign(new Error(code), name, { errno: -constants.errno[code] })))
    }
    restore(failing)
  }

  async function received(name: string, code: 'EFBIG' | 'EDQUOT') {
    const bytes = 16 * mebibyte
    const sending = await faust.files.send(mephisto.jid, [stage.file(name, bytes).path])
    const offer = await mephisto.offered(name)
    failsHalfWay(code, bytes)
    const receiving = await offer.accept({ into: mephisto.into })
    const why = await receiving.finished.then(
      () => undefined,
      ({ code, message }: FileTransferError) => ({ code, message }),
    )
    restore(write)
    return { sending, receiving, why }
  }

  it('ends the transfer for both where the file can never be there, and says so (EFBIG; case 95)', async () => {
    const { sending, receiving, why } = await received('large', 'EFBIG')
    expect(why).to.deep.equal({
      code: 'file-too-large',
      message: 'The file is larger than allowed: the file system takes none so large',
    })
    expect(receiving.state).to.be.oneOf(['aborting', 'aborted'])
    const told = await sending.finished.catch(({ message }: FileTransferError) => message)
    expect(told).to.equal('The other side aborted the transfer: file-too-large')
  })

  it('is gone on with where a quota was raised (EDQUOT; case 95)', async () => {
    const { sending, receiving, why } = await received('much', 'EDQUOT')
    expect(why).to.deep.equal({
      code: 'no-space',
      message: 'There is not enough free space for the file: the quota is used up',
    })
    await receiving.resume()
    await Promise.all([receiving.finished, sending.finished])
    expect(receiving.progress.resumedFrom).to.be.at.least(mebibyte)
  })
})
