/** A shared file that is asked for and cannot be looked at just now: who asked waits, and is not told that it is not there. */

import fs, { writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import type { FileTransferError } from '../../client-plugin/errors.js'
import type { Shelf, Shelved } from '../../client-plugin/serving/shelf.js'
import { Uploads } from '../../client-plugin/serving/uploads.js'
import type { SendingTransfer } from '../../client-plugin/transfer/sending.js'
import { Folder } from '../bytes/folder.js'

describe('a shared file that cannot be looked at', () => {
  const { openSync } = fs
  let folder: Folder
  /** How often it cannot be opened yet, and why. */
  let due: { code: string; times: number }
  let reported: (string | undefined)[]

  beforeEach(() => {
    folder = new Folder()
    due = { code: 'EMFILE', times: 0 }
    reported = []
    writeFileSync(folder.at('f'), 'Meine Ruh ist hin')
    const failing = (path: string, ...more: unknown[]) => {
      if (path === folder.at('f') && due.times-- > 0)
        throw Object.assign(new Error(due.code), { code: due.code })
      return Reflect.apply(openSync, fs, [path, ...more])
    }
    Object.assign(fs, { openSync: failing })
    syncBuiltinESMExports()
  })
  afterEach(() => {
    Object.assign(fs, { openSync })
    syncBuiltinESMExports()
    folder.remove()
  })

  const shelved = (): Shelved => {
    const { size, mtimeNs, ino, ctimeNs } = fs.statSync(folder.at('f'), { bigint: true })
    const identity = { size: Number(size), mtimeNs: `${mtimeNs}`, ino: `${ino}`, ctimeNs: `${ctimeNs}` }
    return { file: folder.at('f'), root: 'a'.repeat(64), identity, isShared: () => true }
  }
  const asked = (find: Shelf['find']) =>
    new Promise<string>((resolve) => {
      const shelf = { find, visibleTo: () => true, isForAll: () => true, lookAgain: async () => undefined }
      const uploads = new Uploads({
        ...{ all: 1, perPeer: 1, shelf: () => shelf, sayPlace: () => undefined },
        accepted: () => {
          uploads.stop()
          resolve('sent')
        },
        report: (why: FileTransferError) => reported.push(`${why.code} ${why.detail}`),
      })
      const record = { authored: false, phase: 'proposed', peer: 'a@h', share: 'tales', path: 'f' }
      const put = ({ reason }: { reason: string }) => resolve(reason)
      const insist = (what: () => void) => what()
      const kept = { keep: () => undefined, forgetSource: () => undefined, answerWith: () => true }
      uploads.take({ record, peer: 'a@h', put, insist, ...kept } as unknown as SendingTransfer)
    })

  it('is sent when too many files are open no more', async () => {
    due.times = 3
    expect(await asked(shelved)).to.equal('sent')
    expect(reported).to.deep.equal(['io EMFILE'])
  })

  it('is sent when its disk answers again, where the list could not find it', async () => {
    let times = 2
    const find = () => {
      if (times-- > 0) throw Object.assign(new Error('EIO'), { code: 'EIO' })
      return shelved()
    }
    expect(await asked(find)).to.equal('sent')
    expect(reported).to.deep.equal(['io EIO'])
  })

  it('is not there where it may not be read', async () => {
    due = { code: 'EACCES', times: 2 }
    expect(await asked(shelved)).to.equal('not-found')
  })
})
