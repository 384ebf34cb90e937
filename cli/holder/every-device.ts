/**
 * An offer to every device, as one command follows it. Devices answer each in its own moment, and a run may be over
 * before the next has: so a command stays a little for another one. Who it has come to, and who is not known, is said of all.
 */
import type { Transfer } from '../../client-plugin/index.js'
import type { Trouble } from '../words.js'

/** Devices that accept unasked do so within this time of each other, ms. */
const togetherMs = 1_500
/** What is said of a device's id, as `jabberfs devices` shows it. */
const idDigits = 16

/** Waits a little. @returns whether one more device has accepted; at once `false` where it is no such offer, or none can */
export function hasOneMore(transfer: Transfer): Promise<boolean> {
  if (transfer.parts.length === 0 || transfer.isOver) return Promise.resolve(false)
  return new Promise((resolve) => {
    const end = (isMore: boolean) => {
      clearTimeout(timer)
      transfer.off('part', onPart)
      resolve(isMore)
    }
    const onPart = () => end(true)
    const timer = setTimeout(() => end(false), togetherMs)
    transfer.on('part', onPart)
  })
}

/** How many devices have accepted, and how many of them have the file; nothing where it is no such offer. */
export function devicesField({ parts }: Transfer): { devices?: { have: number; of: number } } {
  if (parts.length === 0) return {}
  return { devices: { have: parts.filter(({ state }) => state === 'complete').length, of: parts.length } }
}

/** Names each device that is not known, with what to type, and how many others have the file. */
export function unknownOnes(transfer: Transfer, trouble: Trouble): Trouble {
  const { peer, parts } = transfer
  const unknown = parts
    .filter((part) => !part.isOver && part.trouble?.code === 'unknown-device' && part.device !== undefined)
    .map(({ device }) => device!.slice(0, idDigits))
  const { have, of } = devicesField(transfer).devices!
  const others = have === 0 ? '' : `${have} of ${of} devices have it. `
  const isOne = unknown.length === 1
  const says = isOne
    ? `This person shows a device that is not known here: ${unknown[0]}.`
    : `This person shows ${unknown.length} devices that are not known here: ${unknown.join(', ')}.`
  const commands = unknown.map((device) => `\`jabberfs trust ${peer} ${device}\``).join(' and ')
  const whose = isOne ? 'its digits; ask whether it is theirs' : 'their digits; ask which are theirs'
  return {
    ...trouble,
    says: others + says,
    todo: `\`jabberfs devices ${peer}\` shows ${whose}, and type ${commands}.`,
  }
}
