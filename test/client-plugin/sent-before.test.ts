/** What is answered by itself to who asks again: not what was shared or taken back, and no other content of the same size. */

import { writeFileSync } from 'node:fs'
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
      })
      const record = { authored: false, phase: 'proposed', peer: 'a@h', asked: { root }, ...some }
      const transfer = { record, peer: 'a@h', keep: () => undefined, answerWith: () => true }
      if (!before.takes(transfer as unknown as SendingTransfer)) resolve('left')
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

  it('is not another content of the same size (P5, P11)', async () => {
    writeFileSync(folder.at('f'), Buffer.alloc(100, 'x'))
    expect(await asked([sentOf()])).to.equal('not there')
  })
})
