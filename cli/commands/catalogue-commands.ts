/** `search`, `sources`, `peers`, `browse`, `tags`: questions to the catalogue. */
import type { Command } from 'commander'
import { CommandFailed } from '../failure.js'
import { checkPeer, type GiveOrder } from './command-line.js'
import { addFilters, type FilterOptions, readQuery, readRoot } from './filters.js'
import { addListOptions, type ListOptions, listWish } from './options.js'

/** @param rootOf a content by its number in the last list @throws CommandFailed where there is none */
export function addCatalogueCommands(
  program: Command,
  giveOrder: GiveOrder,
  json: () => boolean,
  rootOf: (no: number) => string,
): void {
  const search = addFilters(
    program
      .command('search')
      .description('look for files that people share; `jabberfs get NUMBER` gets one that was found')
      .argument(
        '[words...]',
        'words of the name or the folder; gret* is the start of a word, *tchen a part of one',
      ),
  )
  addListOptions(search).action((words: string[], options: FilterOptions & ListOptions) => {
    const query = readQuery(words, options)
    if (query === undefined) {
      throw new CommandFailed('usage', 'Nothing is said to look for.', 'Write `jabberfs search WORDS…`.')
    }
    return giveOrder({ order: 'search', query, list: listWish(options, json()) })
  })

  const sources = program
    .command('sources')
    .description('who has a file that was found, most useful first')
    .argument('<what>', 'its number in the last list, or its hash')
  addListOptions(sources).action((what: string, options: ListOptions) => {
    const root = readRoot(what) ?? (/^\d{1,7}$/.test(what) ? rootOf(Number(what)) : undefined)
    if (root === undefined) {
      throw new CommandFailed(
        'usage',
        `“${what}” is neither a number of the last list nor a hash.`,
        'A hash has 64 hex digits; `jabberfs search --json` shows it.',
      )
    }
    return giveOrder({ order: 'sources', root, list: listWish(options, json()) })
  })

  const peers = program
    .command('peers')
    .description('people who share something with you: those online, or --offline, or --all')
    .option('--online', 'those who are online (this is what it shows anyway)')
    .option('--offline', 'those who are not')
    .option('--all', 'both')
  addListOptions(peers, 'without --all').action(
    (options: { online?: boolean; offline?: boolean; all?: boolean; max?: number }) => {
      const { online, offline, all, max } = options
      if ([online, offline, all].filter(Boolean).length > 1) {
        throw new CommandFailed(
          'usage',
          'Only one of --online, --offline and --all goes.',
          'Leave the others out.',
        )
      }
      const which = all ? 'all' : offline ? 'offline' : 'online'
      return giveOrder({ order: 'peers', which, list: listWish(max === undefined ? {} : { max }, json()) })
    },
  )

  const browse = program
    .command('browse')
    .description('what somebody shares; with a path, what is in that share or folder')
    .argument('<jid>', 'the person')
    .argument('[path]', 'SHARE/FOLDER/…, as `browse` shows it')
    .option('--deep', 'all files below, without the folders')
  addListOptions(browse).action(
    (jid: string, path: string | undefined, options: ListOptions & { deep?: boolean }) => {
      checkPeer(jid, 'The first word is the person whose shares are wanted')
      if (options.deep && !path) {
        throw new CommandFailed(
          'usage',
          '--deep needs a share to look into.',
          `Write \`jabberfs browse ${jid} SHARE --deep\`.`,
        )
      }
      const list = listWish(options, json())
      const peer = jid.replace(/\/.*/s, '')
      return giveOrder({ order: 'browse', peer, path: path ?? '', deep: options.deep ?? false, list })
    },
  )

  const tags = program
    .command('tags')
    .description('the tags there are, and how many files have each')
    .argument('[prefix]', 'only those that begin so')
  addListOptions(tags).action((prefix: string | undefined, options: ListOptions) =>
    giveOrder({
      order: 'tags',
      ...(prefix === undefined ? {} : { prefix }),
      list: listWish(options, json()),
    }),
  )
}
