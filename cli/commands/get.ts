/** `get`: a file or a folder from somebody, by its path in a share; a file by its name, its content, or as the last list numbered it. */
import type { Command } from 'commander'
import type { OnConflict, PathPolicy } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'
import type { FoundBefore } from '../last-list.js'
import type { Wish } from '../words.js'
import { type GiveOrder, localPath } from './command-line.js'
import { collect, conflictOption, intoOption } from './options.js'
import { pathField, pathOption } from './path.js'
import { parseWishes } from './wishes.js'

interface GetOptions {
  into: string
  onConflict: OnConflict
  as?: string
  any?: boolean
  path?: PathPolicy
  again?: string[]
}

/** Adds the command. */
export function addGet(program: Command, giveOrder: GiveOrder, found: (no: number) => FoundBefore): void {
  program
    .command('get')
    .usage('[options] JID PATH… | NUMBER… | HASH… | --again KEY')
    .description(
      'get a file, or all of a folder; goes on from an unfinished part, fetches nothing that is here already',
    )
    .argument(
      '[words...]',
      'a person and the path as `browse` shows it (a folder too, a whole share as NAME/; or a plain name); or numbers of the last list; or hashes',
    )
    .addOption(intoOption())
    .addOption(conflictOption())
    .option('--as <name>', 'keep it under another name')
    .option(
      '--again <key>',
      'ask again for one that was received or lost (see `jabberfs transfers --all`), into the folder where it was',
      collect,
    )
    .addOption(pathOption())
    .option('--any', 'take what the other side has under that name, even if it is another file than ours')
    .action((words: string[], options: GetOptions, command: Command) => {
      const wishes: Wish[] = (options.again ?? []).map((key) => ({ by: 'again', key }))
      if (words.length > 0 || wishes.length === 0) wishes.push(...parseWishes(words, found))
      const isSaid = command.getOptionValueSource('into') !== 'default'
      if (wishes.length > 1 && options.as !== undefined) {
        throw new CommandFailed('usage', '--as is for one file or folder.', 'Get them one by one.')
      }
      const other = options.any ? 'take' : process.stdin.isTTY && process.stdout.isTTY ? 'ask' : 'block'
      return giveOrder({
        order: 'get',
        wishes,
        into: localPath(options.into),
        onConflict: options.onConflict,
        ...(isSaid ? {} : { intoAsBefore: true }),
        other,
        ...(options.as === undefined ? {} : { as: options.as }),
        ...pathField(options.path),
      })
    })
}
