/** `serve`: the daemon of one account: shares and watches its folders, answers who asks, and receives by rule. */
import type { Command } from 'commander'
import type { OnConflict, PathPolicy } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'
import type { GiveOrder } from './command-line.js'
import { readFrom } from './from-rule.js'
import { collect, conflictOption } from './options.js'
import { pathField, pathOption } from './path.js'
import { folder, folderToFill } from './receive.js'

interface ServeOptions {
  into?: string
  from?: string[]
  onConflict: OnConflict
  serve?: string
  path?: PathPolicy
}

/** Adds the command. */
export function addServe(program: Command, giveOrder: GiveOrder): void {
  program
    .command('serve')
    .description('run until it is stopped: keep the shares current, answer who asks for their files')
    .option(
      '--from <who>',
      'accept what these offer: a person, a server, contacts, everybody (again for more); needs --into',
      collect,
    )
    .option('--into <dir>', 'the folder to put it in')
    .addOption(conflictOption())
    .addOption(pathOption())
    .option('--serve <dir>', 'answer requests for the files of this folder by name, too')
    .action((options: ServeOptions) => {
      const { onConflict } = options
      const from = (options.from ?? []).map(readFrom)
      if (from.length > 0 !== (options.into !== undefined)) {
        throw new CommandFailed(
          'usage',
          '--from and --into go together.',
          'Name whose offers go into which folder.',
        )
      }
      const into = options.into === undefined ? {} : { into: folderToFill(options.into) }
      const serve = options.serve === undefined ? {} : { serve: folder(options.serve, '--serve') }
      return giveOrder({ order: 'serve', onConflict, from, ...into, ...serve, ...pathField(options.path) })
    })
}
