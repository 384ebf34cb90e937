/** Several sockets of which each is as slow as it happens to be; and of which one breaks. */

import { expect } from 'chai'
import { type AttemptOptions, type Link, LinkLost } from '../../../link/index.js'
import { createRandom } from '../../bytes/random.js'
import { at, closing, incoming, newToken, portOf, receivingAttempt, sendingAttempt } from '../two-devices.js'
import { type Roads, roads } from './roads.js'
import { four, having, numbered } from './widened.js'

/** Two links that belong together, over roads. */
async function overRoads(
  who: 'sending' | 'receiving',
  turns?: (number: number) => number,
  options: Partial<AttemptOptions> = four,
): Promise<{ sending: Link; receiving: Link; roads: Roads }> {
  const token = newToken()
  const sending = sendingAttempt({ token, ...options, ...(who === 'sending' && { listen: false }) })
  const receiving = receivingAttempt({ token, ...options, ...(who === 'receiving' && { listen: false }) })
  const [dials, listens] = who === 'sending' ? [sending, receiving] : [receiving, sending]
  const between = await roads(await portOf(listens), turns)
  listens.dial([])
  dials.dial([at(between.port)])
  const [one, other] = await Promise.all([sending.link, receiving.link])
  one.onBytes(() => {})
  return { sending: one, receiving: other, roads: between }
}

for (const who of ['receiving', 'sending'] as const) {
  describe(`four sockets of which some are slow, where the ${who} side dialled`, () => {
    for (const seed of [1, 2, 3]) {
      it(`carry one stream in order, and none is waited with that could be used (draw ${seed})`, async () => {
        const random = createRandom(20_020_211 + seed)
        const slowness = Array.from({ length: 4 }, () => 1 + random.below(12))
        const { sending, receiving, roads } = await overRoads(who, (number) =>
          random.below(slowness[number] ?? 1),
        )
        const bytes = numbered(1_500_000)
        const all = incoming(receiving, bytes.length)
        const both = Promise.all([having(sending, 4), having(receiving, 4)])
        receiving.widen(3)
        for (let from = 0; from < bytes.length; ) {
          const length = 1 + random.below(400_000)
          sending.write(bytes.subarray(from, from + length))
          from += length
        }
        await both
        sending.write(bytes.subarray(0, 10))
        expect((await all).equals(bytes)).to.equal(true)
        receiving.destroy()
        await closing(sending)
        roads.close()
      })
    }

    it('are given up with the one of them that breaks, by both sides, and nothing is handed on behind the gap', async () => {
      const { sending, receiving, roads } = await overRoads(who)
      const chunk = numbered(250_000)
      const came: Buffer[] = []
      let length = 0
      let isCut = false
      receiving.onBytes((bytes) => {
        came.push(Buffer.from(bytes))
        length += bytes.length
        if (isCut || length <= 4_000_000) return
        isCut = true
        roads.cut(2)
      })
      const both = Promise.all([having(sending, 4), having(receiving, 4)])
      receiving.widen(3)
      await both
      let isOver = false
      const ends = Promise.all(
        [sending, receiving].map((link) =>
          closing(link).then((end) => {
            isOver = true
            return end
          }),
        ),
      )
      // It never ends by itself, so it is never all there before the cut is seen.
      const more = (): void => {
        if (!isOver) sending.write(chunk, () => setImmediate(more))
      }
      for (let at = 0; at < 4; at++) more()
      // Who is second to see it may take it for an end by the other.
      expect((await ends).some((end) => end instanceof LinkLost)).to.equal(true)
      const all = Buffer.concat(came)
      for (let at = 0; at < all.length; at += chunk.length) {
        const part = all.subarray(at, at + chunk.length)
        expect(part.equals(chunk.subarray(0, part.length))).to.equal(true)
      }
      roads.close()
    })
  })
}
