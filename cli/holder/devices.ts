/** `devices`, `trust`: what is known of whose devices, and what a person says of them. Needs no server. */
import type { FileTransfer, KnownDevice } from '../../client-plugin/index.js'
import type { DeviceOrder } from '../device-words.js'
import { exits } from '../exit-codes.js'
import { CommandFailed } from '../failure.js'
import type { Conversation } from './conversation.js'
import { unknownLook } from './device-question.js'

/** @returns the exit code. @throws CommandFailed, FileTransferError */
export async function devices(
  files: FileTransfer,
  order: DeviceOrder,
  conversation: Conversation,
): Promise<number> {
  if (order.order === 'devices') await list(files, order.peer, conversation)
  else if (order.order === 'trust') await trust(files, order, conversation)
  else await forget(files, order, conversation)
  return exits.done.exit
}

async function list(
  { trust, device }: FileTransfer,
  peer: string | undefined,
  { report }: Conversation,
): Promise<void> {
  const own = await device
  report({ report: 'own-device', device: own, digits: trust.digits(own) })
  const known = trust.known(peer)
  const unknown = trust.unknown(peer)
  for (const each of known) report(look(each, trust))
  for (const each of unknown) report({ ...(await unknownLook(each, trust, device)), asked: false })
  if (known.length + unknown.length === 0) report({ report: 'no-devices', ...(peer && { peer }) })
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1_000)

function look(known: KnownDevice, trust: FileTransfer['trust']) {
  const { peer, device, standing, firstSeen, lastSeen } = known
  const times = { firstSeen: seconds(firstSeen), lastSeen: seconds(lastSeen) }
  return { report: 'device', peer, device, digits: trust.digits(device), standing, ...times } as const
}

async function trust(
  { trust }: FileTransfer,
  { peer, device: start, verified }: Extract<DeviceOrder, { order: 'trust' }>,
  { report }: Conversation,
): Promise<void> {
  const known = trust.known(peer)
  const waiting = trust.unknown(peer).map(({ device }) => device)
  const trusted = known.filter(({ standing }) => standing !== 'revoked').map(({ device }) => device)
  const all = [...new Set([...waiting, ...known.map(({ device }) => device)])]
  // Without a name that which is asked about is meant; where nothing is, the one that is there.
  const meant = waiting.length > 0 ? waiting : trusted
  const device = start === undefined ? theOne(meant, peer) : theOne(beginning(all, start), peer)
  const goesOn = await trust.trust(peer, device, { verified })
  const { standing } = trust.known(peer).find((each) => each.device === device)!
  const digits = trust.digits(device)
  report({ report: 'trusted', peer, device, standing, digits, goesOn: goesOn.length })
}

async function forget(
  { trust }: FileTransfer,
  { peer, device: start }: Extract<DeviceOrder, { order: 'forget-device' }>,
  { report }: Conversation,
): Promise<void> {
  const all = trust.known(peer).map(({ device }) => device)
  const device = start === undefined ? undefined : theOne(beginning(all, start), peer)
  if (!(await trust.forget(peer, device))) throw none(peer)
  report({ report: 'forgotten', peer, ...(device === undefined ? {} : { device }) })
}

/** A whole id may be that of a device that was never met: its owner has said it by other means. */
function beginning(all: string[], start: string): string[] {
  const found = all.filter((device) => device.startsWith(start.toLowerCase()))
  return found.length === 0 && /^[0-9a-f]{64}$/i.test(start) ? [start.toLowerCase()] : found
}

function theOne(devices: string[], peer: string): string {
  const [only, another] = devices
  if (only === undefined) throw none(peer)
  if (another === undefined) return only
  throw new CommandFailed(
    'no-such-device',
    `That may be any of ${devices.length} devices of ${peer}.`,
    `\`jabberfs devices ${peer}\` shows them; name one by the first digits of its id.`,
  )
}

function none(peer: string): CommandFailed {
  return new CommandFailed(
    'no-such-device',
    `No such device of ${peer} is known.`,
    `\`jabberfs devices ${peer}\` shows those that are.`,
  )
}
