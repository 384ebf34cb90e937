/** `send`: files for somebody, offered and sent when they are accepted. */
import { type Command, Option } from 'commander'
import type { PathPolicy } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'
import { typed } from '../typed.js'
import { checkPeer, type GiveOrder, isPeer, localPath } from './command-line.js'
import { pathField, pathOption } from './path.js'
import { lifeOf, waitOf } from './times.js'

interface Options {
  description?: string
  everyDevice?: boolean
  wait: number
  expires?: number
  message: boolean
  path?: PathPolicy
}

/** How long somebody may take to answer before the command ends, s. */
const usualWait = 60

const usage = 'Write `jabberfs send FILE… JID`.'

/** Adds the command. */
export function addSend(program: Command, giveOrder: GiveOrder): void {
  program
    .command('send')
    .usage('[options] FILE… JID[/device]')
    .description('offer files to somebody, and send them when they are accepted')
    // Not required here, so that it is said in the usage's words what is missing.
    .argument('[words...]', 'the files, and last the person (name@server), or one device of theirs')
    .option('-d, --description <text>', 'words to go with the offer')
    .option('--every-device', 'for every device of theirs that accepts, not only the first')
    .addOption(
      new Option(
        '--wait <time>',
        'wait so long for an answer: 30s (or 30), 5m, 12h, ever; then the offer stays, and `jabberfs serve` goes on with it',
      )
        .argParser(waitOf)
        .default(usualWait, '1m'),
    )
    .option('--expires <time>', 'how long the offer stands: 30m, 12h, 7d (the longest and the usual)', lifeOf)
    .addOption(pathOption())
    .option('--no-message', 'no plain message to a contact who does not answer')
    .action((words: string[], { description, everyDevice, wait, expires, message, path }: Options) => {
      const peer = words.at(-1)
      if (peer === undefined) {
        throw new CommandFailed('usage', 'No file and no person is named.', usage)
      }
      const paths = words.slice(0, -1)
      if (!isPeer(peer) && isPeer(words[0]!)) {
        const right = [...words.slice(1), words[0]!].map(typed).join(' ')
        throw new CommandFailed('usage', 'The person comes last.', `Write \`jabberfs send ${right}\`.`)
      }
      checkPeer(peer, 'The last word is the person to send to')
      if (paths.length === 0) {
        throw new CommandFailed('usage', 'No file is named.', usage)
      }
      return giveOrder({
        order: 'send',
        peer,
        paths: paths.map((path) => localPath(path)),
        ...(description === undefined ? {} : { description }),
        ...pathField(path),
        ...(everyDevice ? { everyDevice } : {}),
        ...(Number.isFinite(wait) ? { waitSeconds: wait } : {}),
        ...(expires === undefined ? {} : { expiresSeconds: expires }),
        ...(message ? {} : { message }),
      })
    })
}
