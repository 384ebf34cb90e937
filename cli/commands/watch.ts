/** `watch`: saved searches. The component tells when something new is like one; nobody polls. */
import type { Command } from 'commander'
import { CommandFailed } from '../failure.js'
import type { GiveOrder } from './command-line.js'
import { addFilters, type FilterOptions, readQuery } from './filters.js'

interface WatchOptions extends FilterOptions {
  list?: boolean
  remove?: string
  once?: boolean
}

/** Adds the command. */
export function addWatch(program: Command, giveOrder: GiveOrder): void {
  const watch = program
    .command('watch')
    .description('save a search, and be told when something new is like it; without words, of all saved ones')
    .argument('[words...]', 'as for `search`')
  addFilters(watch)
    .option('--list', 'list the saved searches of this device')
    .option('--remove <id>', 'forget one')
    .option('--once', 'end after the first news')
    .action((words: string[], options: WatchOptions) => {
      const { list, remove, once = false } = options
      const query = readQuery(words, options)
      if ((list || remove !== undefined) && (query !== undefined || (list && remove !== undefined))) {
        throw new CommandFailed('usage', '--list and --remove stand alone.', 'Write one thing at a time.')
      }
      if (list) return giveOrder({ order: 'watches' })
      if (remove !== undefined) return giveOrder({ order: 'unwatch', id: remove })
      return giveOrder({ order: 'watch', ...(query === undefined ? {} : { query }), once })
    })
}
