/**
 * Frames out of chunks that are cut anywhere.
 */

import { expect } from 'chai'
import fc from 'fast-check'
import { FrameReader } from '../../bytes/frame-reader.js'
import { frameOf } from '../../bytes/frame-writing.js'
import { BadFrame, FrameType } from '../../protocol/frames.js'

const frames = fc.array(
  fc.record({
    type: fc.constantFrom(...Object.values(FrameType)),
    file: fc.nat(0xffff),
    offset: fc.maxSafeNat(),
    payload: fc.uint8Array({ maxLength: 60 }),
  }),
  { maxLength: 8 },
)

describe('frames', () => {
  it('come out the same wherever the chunks are cut (case 97)', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (said, cuts) => {
        const stream = Buffer.concat(said.map((one) => frameOf(one.type, one.file, one.offset, one.payload)))
        const heard: { type: number; file: number; offset: number; payload: number[] }[] = []
        let begun = 0
        const reader = new FrameReader(
          {
            begin: ({ type, file, offset }) => {
              begun += 1
              if (type === FrameType.data) heard.push({ type, file, offset, payload: [] })
            },
            frame: ({ type, file, offset }, payload) => {
              if (type !== FrameType.data) heard.push({ type, file, offset, payload: [...payload] })
            },
            piece: (_header, bytes, at) => {
              expect(at).to.equal(heard.at(-1)!.payload.length)
              heard.at(-1)!.payload.push(...bytes)
            },
          },
          FrameType.data,
        )
        for (let at = 0, n = 0; at < stream.length; n++) {
          const chunk = Buffer.from(stream.subarray(at, at + cuts[n % cuts.length]!))
          reader.push(chunk)
          at += chunk.length
          chunk.fill(0xee)
        }
        expect(begun).to.equal(said.length)
        expect(heard).to.deep.equal(said.map((one) => ({ ...one, payload: [...one.payload] })))
      }),
    )
  })

  it('are judged by their header alone, before anything is kept for them (P21)', () => {
    const reader = new FrameReader({
      begin: () => {
        throw new BadFrame('no')
      },
      frame: () => undefined,
      piece: () => undefined,
    })
    expect(() => reader.push(frameOf(FrameType.held, 0, 0, new Uint8Array(1)).subarray(0, 16))).to.throw(
      BadFrame,
    )
  })

  it('of more than a mebibyte are none', () => {
    const reader = new FrameReader({ begin: () => undefined, frame: () => undefined, piece: () => undefined })
    const header = frameOf(FrameType.data, 0, 0)
    header.writeUInt32BE(2 ** 20 + 1, 4)
    expect(() => reader.push(header)).to.throw(BadFrame, 'payload')
  })
})
