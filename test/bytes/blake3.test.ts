/**
 * The two implementations of the one hash.
 */

import { expect } from 'chai'
import { blake3, loadNativeBlake3, loadPortableBlake3 } from '../../bytes/blake3.js'
import { rootOf } from '../../bytes/root.js'
import { createRandom } from './random.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('BLAKE3', () => {
  it('is the published function', async () => {
    const empty = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'
    for (const one of [await loadNativeBlake3(), await loadPortableBlake3()]) {
      expect(hex(one.hash(new Uint8Array(0)))).to.equal(empty)
      expect(hex(one.hasher().digest())).to.equal(empty)
    }
  })

  it('is the same natively and portably, at once and in pieces, several at a time', async () => {
    const native = await loadNativeBlake3()
    const portable = await loadPortableBlake3()
    const random = createRandom()
    for (let round = 0; round < 60; round++) {
      const bytes = random.bytes(random.below(round % 10 === 0 ? 200_000 : 3000))
      const whole = hex(native.hash(bytes))
      const hashers = [native.hasher(), portable.hasher(), portable.hasher()]
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + random.below(5000)
        for (const hasher of hashers) hasher.update(bytes.subarray(at, end))
        at = end
      }
      const all = [portable.hash(bytes), ...hashers.map((hasher) => hasher.digest())].map(hex)
      expect(all, `seed ${random.seed}`).to.deep.equal([whole, whole, whole, whole])
    }
  })

  it('gives digests that later hashes do not change', async () => {
    const portable = await loadPortableBlake3()
    const first = portable.hash(Buffer.from('one'))
    const before = hex(first)
    portable.hash(Buffer.from('two'))
    expect(hex(first)).to.equal(before)
  })

  it('is native here', () => expect(blake3.kind).to.equal('native'))

  it('makes a root of the size and the block hashes, so that neither can change alone', () => {
    const hashes = createRandom(5).bytes(64)
    const root = hex(rootOf(2 ** 20 + 1, hashes))
    const written = blake3.hasher()
    written.update(
      Buffer.concat([Buffer.from('jabberfs root 1\n'), Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 1]), hashes]),
    )
    expect(hex(written.digest())).to.equal(root)
    expect(hex(rootOf(2 ** 20 + 2, hashes))).to.not.equal(root)
    expect(hex(rootOf(0, new Uint8Array(0)))).to.equal(
      'd13bf06ec1a47cf868e60dd13fa9b63ff30ab937c295a92db1a8ab8b2dcc0209',
    )
  })
})
