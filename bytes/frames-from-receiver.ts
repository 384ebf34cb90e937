/**
 * Which frames the receiving side may say now: rules only (case 97). Whether a want may be, is judged by
 * `Wanted`.
 */

import { BadFrame, type FrameHeader, FrameType } from '../protocol/frames.js'

export interface ServingMoment {
  file: number
  blockCount: number
  finishHeard: boolean
  rootSaid: boolean
}

/** @throws BadFrame */
export function judgeFromReceiver(header: FrameHeader, moment: ServingMoment): void {
  const { type, payloadBytes } = header
  if (type !== FrameType.alive && header.file !== moment.file)
    throw new BadFrame('a file that is not offered')
  switch (type) {
    case FrameType.want:
      if (payloadBytes !== 8) throw new BadFrame('want without a length')
      break
    case FrameType.held:
      if (payloadBytes === 0 || header.offset + payloadBytes * 8 >= moment.blockCount + 8) {
        throw new BadFrame('held beyond the last block')
      }
      break
    case FrameType.finish:
      if (payloadBytes !== 0) throw new BadFrame('payload where none may be')
      break
    case FrameType.stop:
    case FrameType.alive:
      if (payloadBytes !== 0) throw new BadFrame('payload where none may be')
      return
    case FrameType.done:
      if (payloadBytes !== 0 || !moment.rootSaid) throw new BadFrame('done before the root')
      return
    default:
      throw new BadFrame(`frame type ${type} from the receiving side`)
  }
  if (moment.finishHeard) throw new BadFrame('more after finish')
}
