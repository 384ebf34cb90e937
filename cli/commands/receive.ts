/** `receive`: wait for offers; accept by question or by rule; answer requests from a folder. */
import { accessSync, constants, statSync } from 'node:fs'
import type { Command } from 'commander'
import type { OnConflict, PathPolicy } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'
import { type GiveOrder, localPath } from './command-line.js'
import { readFrom } from './from-rule.js'
import { collect, conflictOption, intoOption } from './options.js'
import { pathField, pathOption } from './path.js'

interface ReceiveOptions {
  into: string
  onConflict: OnConflict
  from?: string[]
  ask?: boolean
  serve?: string
  once?: boolean
  path?: PathPolicy
}

/** Adds the command. */
export function addReceive(program: Command, giveOrder: GiveOrder, json: () => boolean): void {
  program
    .command('receive')
    .description('wait for offers, and receive what is accepted')
    .addOption(intoOption())
    .addOption(conflictOption())
    .option(
      '--from <who>',
      'accept what these offer, unasked: a person, a server, contacts, everybody (again for more); others than contacts are not heard without it',
      collect,
    )
    .option('--ask', 'ask about what these offer, too')
    .option('--serve <dir>', 'answer requests for the files of this folder, by name')
    .addOption(pathOption())
    .option('--once', 'end after one transfer; what was begun earlier counts where it arrives')
    .action((options: ReceiveOptions) => {
      const { onConflict, once = false, ask = false } = options
      const from = (options.from ?? []).map(readFrom)
      const into = folderToFill(options.into)
      const asks = !json() && process.stdin.isTTY === true && process.stdout.isTTY === true
      if (!asks && (from.length === 0 || ask) && options.serve === undefined) {
        throw new CommandFailed(
          'usage',
          'Nobody can be asked here, and no rule says what to accept.',
          'Add --from contacts or --from JID, or run it on a terminal.',
        )
      }
      const serve = options.serve === undefined ? {} : { serve: folder(options.serve, '--serve') }
      return giveOrder({
        order: 'receive',
        into,
        onConflict,
        from,
        unasked: !ask,
        asks,
        once,
        ...serve,
        ...pathField(options.path),
      })
    })
}

/** @returns the folder, absolute. @throws CommandFailed `no-such-folder` */
export function folder(path: string, option: string): string {
  const absolute = localPath(path)
  try {
    if (statSync(absolute).isDirectory()) return absolute
  } catch {
    // Said below.
  }
  throw new CommandFailed(
    'no-such-folder',
    `${option}: there is no folder ${absolute}.`,
    'Make it, or name another.',
  )
}

/** One that files can be put into: whoever offers some is not to be kept waiting for that. @throws CommandFailed `no-such-folder` */
export function folderToFill(path: string): string {
  const absolute = folder(path, '--into')
  try {
    accessSync(absolute, constants.W_OK | constants.X_OK)
    return absolute
  } catch (cause) {
    const says = `--into: nothing can be put into the folder ${absolute}.`
    throw new CommandFailed('no-such-folder', says, 'Name one that you may write to.', { cause })
  }
}
