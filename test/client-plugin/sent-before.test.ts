/** What is answered by itself to who asks again: not what was shared or taken back, and no other content of the same size. */

import fs, { writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import type { TransferRecord } from '../../client-plugin/journal/record.js'
import { SentBefore } from '../../client-plugin/serving/sent-before.js'
import type { SendingTransfer } from '../../client-plugin/transfer/sending.js'
import { Folder } from '../bytes/folder.js'

const root = 'a'.repeat(64)

describe('what was sent before', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  const sentOf = (some: Partial<TransferRecord> = {}) => {
    const identity = { size: 100, mtimeNs: '1', ino: '1', ctimeNs: '1' }
    const source = { path: folder.at('f'), identity }
    return { n: 1, phase: 'complete', root, filesize: 100, source, ...some } as TransferRecord
  }
  /** What becomes of a request for that root, where this was sent: `left` to others at once, or when the file was looked at. */
  const asked = (sent: TransferRecord[], some: Partial<TransferRecord> = {}) =>
    new Promise<string>((resolve) => {
      const before = new SentBefore({
        journal: { sentTo: () => sent },
        accepted: () => resolve('sent'),
        notThere: () => resolve('not there'),
        fault: (error) => resolve(String(error)),
        stopped: new AbortController().signal,
      })
      const record = { authored: false, phase: 'proposed', peer: 'a@h', asked: { root }, ...some }
      const transfer = { record, peer: 'a@h', keep: () => undefined, answerWith: () => true }
      const takes = () => before.takes(transfer as unknown as SendingTransfer)
      if (!takes()) resolve('left')
      // The component brings it again to who logs in again.
      setTimeout(() => !takes() && resolve('left meanwhile'), 200)
    })

  it('is not what was shared: who may see that is the share’s business (P11)', async () => {
    expect(await asked([sentOf({ share: 'tales', path: 'f' })])).to.equal('left')
    expect(await asked([sentOf()], { share: 'tales', path: 'f' })).to.equal('left')
    expect(await asked([sentOf()], { asked: { filebytesdone: 0 } })).to.equal('left')
  })

  it('is not what was taken back (P11)', async () => {
    expect(await asked([sentOf({ phase: 'aborted' })])).to.equal('left')
    expect(await asked([sentOf({ phase: 'aborting' })])).to.equal('left')
  })

  it('is there all the same where too many files are open for a moment, and where it is asked for once more meanwhile', async () => {
    writeFileSync(folder.at('f'), Buffer.alloc(100, 'x'))
    const { size, mtimeNs, ino, ctimeNs } = fs.statSync(folder.at('f'), { bigint: true })
    const identity = { size: Number(size), mtimeNs: `${mtimeNs}`, ino: `${ino}`, ctimeNs: `${ctimeNs}` }
    const { openSync } = fs
    let failed = 0
    const failing = (path: string, ...more: unknown[]) => {
      if (path === folder.at('f') && ++failed < 3)
        throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
      return Reflect.apply(openSync, fs, [path, ...more])
    }
    Object.assign(fs, { openSync: failing })
    syncBuiltinESMExports()
    try {
      expect(await asked([sentOf({ source: { path: folder.at('f'), identity } })])).to.equal('sent')
      expect(failed).to.equal(3)
    } finally {
      Object.assign(fs, { openSync })
      syncBuiltinESMExports()
    }
  })

  it('is not another content of the same size (P5, P11)', async () => {
    writeFileSync(folder.at('f'), Buffer.alloc(100, 'x'))
    expect(await asked([sentOf()])).to.equal('not there')
  })
})
