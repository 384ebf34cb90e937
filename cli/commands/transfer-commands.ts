/** `transfers`, `resume`, `abort`: the command line made into orders. */
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { PathPolicy } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'
import type { Order } from '../words.js'
import { pathField, pathOption } from './path.js'
import { waitOf } from './times.js'

export type GiveOrder = (order: Order) => Promise<void>

/** Adds the commands. */
export function addTransferCommands(program: Command, giveOrder: GiveOrder): void {
  program
    .command('transfers')
    .description('list the unfinished transfers of this account on this machine')
    .option('--all', 'those of the last 30 days that ended, too')
    .action(({ all }: { all?: true }) => giveOrder({ order: 'transfers', ...(all ? { all } : {}) }))

  program
    .command('resume')
    .description('go on with a transfer, or with all that are unfinished')
    .argument('[key]', 'which one: see `jabberfs transfers`')
    .addOption(
      new Option('--wait <time>', 'end where nothing has moved for so long: 30s (or 30), 5m, 12h, ever')
        .argParser(waitOf)
        .default(Number.POSITIVE_INFINITY, 'ever'),
    )
    .addOption(pathOption())
    .action((key: string | undefined, { path, wait }: { path?: PathPolicy; wait: number }) =>
      giveOrder({
        order: 'resume',
        ...(key === undefined ? {} : { key }),
        ...(Number.isFinite(wait) ? { waitSeconds: wait } : {}),
        ...pathField(path),
      }),
    )

  program
    .command('abort')
    .description('end a transfer for good')
    .argument('<key>', 'which one: see `jabberfs transfers`')
    .option('--discard', 'remove at once what came of the file; also of one that has ended')
    .action((key: string, { discard }: { discard?: true }) =>
      giveOrder({ order: 'abort', key, ...(discard ? { discard } : {}) }),
    )
}

/** Roughly an address: the server judges the rest. */
export const isPeer = (word: string): boolean => /^[^@/\s]+@[^@/\s]+(\/.+)?$/.test(word)

/** @throws CommandFailed `usage` */
export function checkPeer(peer: string, where: string): void {
  if (!isPeer(peer)) {
    throw new CommandFailed('usage', `${where}, and “${peer}” is no address.`, 'Write it as name@server.')
  }
}

/** Absolute, because whoever holds the state folder may run elsewhere. */
export function localPath(path: string): string {
  return resolve(path.replace(/^~(?=\/|$)/, homedir()))
}
