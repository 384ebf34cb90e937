/** `devices`, `trust`: whose devices are known, and which of them are trusted. */
import type { Command } from 'commander'
import { CommandFailed } from '../failure.js'
import { checkPeer, type GiveOrder } from './command-line.js'

/** Adds the commands. */
export function addDeviceCommands(program: Command, giveOrder: GiveOrder): void {
  program
    .command('devices')
    .usage('[options] [JID]')
    .description('this device and its digits, and the devices of others that are known')
    .argument('[jid]', 'only those of this person')
    .option(
      '--forget [device]',
      'trust this device no more; without one, forget the person: the next device is the first one again',
    )
    .action((jid: string | undefined, { forget }: { forget?: string | true }) => {
      if (jid !== undefined) checkPeer(jid, '`devices` takes a person')
      const peer = jid?.replace(/\/.*/s, '')
      if (forget === undefined)
        return giveOrder({ order: 'devices', ...(peer === undefined ? {} : { peer }) })
      if (peer === undefined) {
        const write = 'Write `jabberfs devices JID --forget DEVICE`.'
        throw new CommandFailed('usage', '--forget needs to know whose device it is.', write)
      }
      const device = forget === true ? {} : { device: deviceStart(forget) }
      return giveOrder({ order: 'forget-device', peer, ...device })
    })

  program
    .command('trust')
    .usage('[options] JID [DEVICE]')
    .description('trust a device of somebody: what waits for it goes on')
    .argument('<jid>', 'the person')
    .argument('[device]', 'how the device’s id begins, where it may be one of several')
    .option(
      '--verified',
      'you have compared its digits with the person; from then on each new device is asked about',
    )
    .action((jid: string, device: string | undefined, { verified = false }: { verified?: boolean }) => {
      checkPeer(jid, '`trust` takes a person')
      const named = device === undefined ? {} : { device: deviceStart(device) }
      return giveOrder({ order: 'trust', peer: jid.replace(/\/.*/s, ''), ...named, verified })
    })
}

function deviceStart(text: string): string {
  if (/^[0-9a-f]{4,64}$/i.test(text)) return text
  throw new CommandFailed(
    'usage',
    `“${text}” is no beginning of a device’s id.`,
    'It takes 4 to 64 of the digits 0–9 and a–f, as `jabberfs devices` shows them.',
  )
}
