/** A link of several sockets: one stream of bytes, in order, whoever dialled; its ends; and when it stays as it is. */

import { expect } from 'chai'
import { LinkLost } from '../../../link/index.js'
import { FrameType, frameHeaderBytes, readFrameHeader } from '../../../protocol/frames.js'
import { closing, incoming, linkedPair } from '../two-devices.js'
import { four, having, numbered } from './widened.js'

const directions = {
  'the receiving side dialled': { sending: four, receiving: four },
  'the sending side dialled': {
    sending: { ...four, listen: false as const },
    receiving: { ...four, listen: { host: '127.0.0.1' } },
  },
}

for (const [which, options] of Object.entries(directions)) {
  describe(`a link that comes to have four sockets, where ${which}`, () => {
    it('carries one stream, in order, from before to after', async () => {
      const { sending, receiving } = await linkedPair(options)
      const bytes = numbered(3_000_000)
      const all = incoming(receiving, bytes.length)
      const both = Promise.all([having(sending, 4), having(receiving, 4)])
      sending.write(bytes.subarray(0, 1_000_000))
      receiving.widen(3)
      sending.onBytes(() => {})
      sending.write(bytes.subarray(1_000_000, 2_000_000))
      await both
      let flushed = 0
      for (let at = 2_000_000; at < bytes.length; at += 1_000_000)
        sending.write(bytes.subarray(at, at + 1_000_000), () => flushed++)
      expect((await all).equals(bytes)).to.equal(true)
      expect([sending.sockets, receiving.sockets]).to.deep.equal([4, 4])
      expect(flushed).to.equal(10)
      receiving.destroy()
    })

    it('brings all that was written before the end of the sending side, and then its end', async () => {
      const { sending, receiving } = await linkedPair(options)
      sending.onBytes(() => {})
      const bytes = numbered(1_000_000)
      const all = incoming(receiving, bytes.length)
      const both = Promise.all([having(sending, 4), having(receiving, 4)])
      receiving.widen(3)
      await both
      const [ofSending, ofReceiving] = [closing(sending), closing(receiving)]
      sending.write(bytes)
      sending.end()
      expect((await all).equals(bytes)).to.equal(true)
      expect(await Promise.all([ofSending, ofReceiving])).to.deep.equal([undefined, undefined])
    })

    it('ends in order when the receiving side ends it', async () => {
      const { sending, receiving } = await linkedPair(options)
      const both = Promise.all([having(sending, 4), having(receiving, 4)])
      const said = incoming(sending, frameHeaderBytes + 4)
      receiving.onBytes(() => {})
      receiving.widen(3)
      await both
      const [ofSending, ofReceiving] = [closing(sending), closing(receiving)]
      receiving.write(Buffer.from('done'))
      receiving.end()
      // The wish for more sockets is a frame that nobody heeds who does not know it.
      expect(readFrameHeader(await said, 0)).to.include({ type: FrameType.alive, payloadBytes: 0 })
      expect(String((await said).subarray(frameHeaderBytes))).to.equal('done')
      expect(await Promise.all([ofSending, ofReceiving])).to.deep.equal([undefined, undefined])
    })

    it('is lost as a whole, at both ends, when it is dropped at one', async () => {
      const { sending, receiving } = await linkedPair(options)
      sending.onBytes(() => {})
      receiving.onBytes(() => {})
      const both = Promise.all([having(sending, 4), having(receiving, 4)])
      receiving.widen(3)
      await both
      const ofReceiving = closing(receiving)
      sending.write(Buffer.alloc(10_000_000))
      sending.destroy()
      expect(await closing(sending)).to.be.instanceOf(LinkLost)
      await ofReceiving
    })
  })
}
