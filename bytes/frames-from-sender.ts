/**
 * Which frames the sending side may say now: rules only (case 97).
 */

import { BadFrame, type FrameHeader, FrameType } from '../protocol/frames.js'
import { hashBytes } from './blake3.js'
import { type Cut, lengthOf, startOf } from './cut.js'

export interface ReceivingMoment {
  file: number
  cut: Cut
  /** The block that was asked for and has to come now. */
  current: number | undefined
  /** Bytes of it that came. */
  came: number
  /** Whether all of it came and only the word on its hash is missing. */
  unstated: boolean
  /** Whether all blocks are proven and the root was asked for. */
  finishSaid: boolean
}

/** @throws BadFrame */
export function judgeFromSender(header: FrameHeader, moment: ReceivingMoment): void {
  const { type, payloadBytes, offset } = header
  if (type !== FrameType.alive && header.file !== moment.file)
    throw new BadFrame('a file that was not asked for')
  switch (type) {
    case FrameType.data:
      judgeData(header, moment)
      return
    case FrameType.hashes:
      if (payloadBytes === 0 || payloadBytes % hashBytes !== 0) throw new BadFrame('hashes of no length')
      if (offset + payloadBytes / hashBytes > moment.cut.blockCount) {
        throw new BadFrame('hashes beyond the last block')
      }
      return
    case FrameType.root:
      if (payloadBytes !== hashBytes || !moment.finishSaid)
        throw new BadFrame('a root that was not asked for')
      return
    case FrameType.changed:
    case FrameType.stop:
    case FrameType.alive:
      if (payloadBytes !== 0) throw new BadFrame('payload where none may be')
      return
    default:
      throw new BadFrame(`frame type ${type} from the sending side`)
  }
}

function judgeData(header: FrameHeader, { current, unstated, came, cut }: ReceivingMoment): void {
  const { payloadBytes, offset } = header
  if (current === undefined || unstated) throw new BadFrame('bytes that were not asked for')
  if (offset !== startOf(cut, current) + came) throw new BadFrame('bytes out of order')
  if (payloadBytes === 0) throw new BadFrame('no bytes')
  if (payloadBytes > lengthOf(cut, current) - came) throw new BadFrame('bytes beyond the end of a block')
}
