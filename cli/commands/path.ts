/** `path`, and the option `--path`: whether transfers go directly, through a relay, or as it comes. */
import { type Command, Option } from 'commander'
import type { PathPolicy } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'
import { checkPeer, type GiveOrder } from './command-line.js'

const policies = ['any', 'direct', 'relay'] as const

/** What an order carries of it. */
export function pathField(path: PathPolicy | undefined): { path?: PathPolicy } {
  return path === undefined ? {} : { path }
}

export const pathOption = () =>
  new Option(
    '--path <which>',
    'any; direct: through nobody else’s machine; relay: only through one, so that no address of yours is told',
  ).choices(policies)

/** Adds the command. */
export function addPath(program: Command, giveOrder: GiveOrder): void {
  program
    .command('path')
    .usage('[options] [JID [any|direct|relay|usual]]')
    .description('choose for good how files go to and from somebody: any way, directly, or through a relay')
    .argument('[jid]', 'the person; without one, all that is chosen is listed')
    .argument('[which]', 'any, direct or relay; usual takes the choice back')
    .action((jid: string | undefined, which: string | undefined) => {
      if (jid === undefined) return giveOrder({ order: 'path' })
      checkPeer(jid, '`path` takes a person')
      const peer = jid.replace(/\/.*/s, '')
      if (which === undefined) return giveOrder({ order: 'path', peer })
      return giveOrder({ order: 'path', peer, policy: readPolicy(which) })
    })
}

function readPolicy(which: string): PathPolicy | 'usual' {
  const policy = [...policies, 'usual' as const].find((each) => each === which)
  if (policy !== undefined) return policy
  throw new CommandFailed('usage', `There is no path “${which}”.`, 'Write any, direct, relay or usual.')
}
