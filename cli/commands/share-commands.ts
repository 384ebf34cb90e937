/** `share`, `unshare`, `shares`: folders of one's own that others find. */
import { existsSync, statSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { CommandFailed } from '../failure.js'
import { type GiveOrder, localPath } from './command-line.js'
import { collect } from './options.js'
import { readTags } from './tag.js'
import { parseVisibleTo } from './visible-to.js'

interface ShareOptions {
  as?: string
  tag?: string[]
  for: string[]
  once?: boolean
  verbose?: boolean
}

/** Adds the commands. */
export function addShareCommands(program: Command, giveOrder: GiveOrder): void {
  program
    .command('share')
    .description('let others find what is in a folder, keep it current, and answer who asks for it')
    .argument('<dir>', 'the folder')
    .option('--as <name>', 'what others see it as; default: the folder’s name')
    .addOption(new Option('--tag <tag>', 'a word to find it by (again for more)').argParser(collect))
    .addOption(
      new Option('--for <whom>', 'name@server, server.example, everybody or nobody (again for more)')
        .argParser(collect)
        .default([], 'everybody'),
    )
    .option('--once', 'end when it is published; whatever jabberfs runs next looks after the folder')
    .option('--verbose', 'name every file that is left out')
    .action((dir: string, options: ShareOptions) => {
      const { as: name, once = false, verbose = false } = options
      if (name !== undefined && (name.trim() === '' || [...name].length > 128)) {
        throw new CommandFailed('usage', '--as takes a name of 1 to 128 characters.', 'Choose another.')
      }
      const tags = readTags(options.tag ?? [])
      if (tags.length > 8) throw new CommandFailed('usage', 'A share has at most 8 tags.', 'Leave some out.')
      const visibleTo = parseVisibleTo(options.for)
      return giveOrder({
        order: 'share',
        folder: folderToShare(dir),
        ...(name === undefined ? {} : { name }),
        ...(tags.length === 0 ? {} : { tags }),
        ...(visibleTo === undefined ? {} : { visibleTo }),
        once,
        verbose,
      })
    })

  program
    .command('unshare')
    .description('take a folder back: nobody finds it any more')
    .argument('<share>', 'the folder, or the share’s name or id (see `jabberfs shares`)')
    .action((share: string) => {
      // A folder is meant where there is one of that name, or what looks like a path.
      const isPath = share.includes('/') || share.startsWith('~') || share === '.' || share === '..'
      return giveOrder({ order: 'unshare', share: isPath || existsSync(share) ? localPath(share) : share })
    })

  program
    .command('shares')
    .description('list the folders that this device shares, and how they stand')
    .option('--left-out', 'name the files that are left out, and why')
    .action(({ leftOut = false }: { leftOut?: boolean }) => giveOrder({ order: 'shares', leftOut }))
}

function folderToShare(dir: string): string {
  const folder = localPath(dir)
  try {
    if (statSync(folder).isDirectory()) return folder
  } catch {
    throw new CommandFailed('no-such-folder', `There is no folder ${folder}.`, 'Check the path.')
  }
  throw new CommandFailed(
    'no-such-folder',
    `${folder} is no folder.`,
    'Share the folder it is in, or send the file with `jabberfs send`.',
  )
}
