/** `transfers`, `resume`, `abort`: the command line made into orders. */
import { type Command, Option } from 'commander'
import type { PathPolicy } from '../../client-plugin/index.js'
import type { GiveOrder } from './command-line.js'
import { pathField, pathOption } from './path.js'
import { waitOf } from './times.js'

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
