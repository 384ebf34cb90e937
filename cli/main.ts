#!/usr/bin/env node
/**
 * The command `jabberfs`. Rules: secrets are never taken from argv; what a peer wrote is escaped before it is
 * shown; each failure is one line that says what is wrong and what to do, with the exit code of exit-codes.ts.
 */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { readAccount } from './account.js'
import { addCatalogueCommands } from './commands/catalogue-commands.js'
import { addComponent } from './commands/component.js'
import { addDeviceCommands } from './commands/device-commands.js'
import { addDoctor } from './commands/doctor.js'
import { addGet } from './commands/get.js'
import { addLogin } from './commands/login.js'
import { addPath } from './commands/path.js'
import { addReceive } from './commands/receive.js'
import { addSend } from './commands/send.js'
import { addServe } from './commands/serve.js'
import { addShareCommands } from './commands/share-commands.js'
import { addTransferCommands } from './commands/transfer-commands.js'
import { addWatch } from './commands/watch.js'
import { exitOf, exits } from './exit-codes.js'
import { troubleOf } from './failure.js'
import { type FoundBefore, foundBefore } from './last-list.js'
import { perform } from './perform.js'
import { openScreen } from './screen/open-screen.js'
import type { Screen } from './screen/screen.js'
import type { Order } from './words.js'

const program = new Command('jabberfs')
  .description('send files to people on XMPP, share folders, find and get what others share')
  .version(version(), '-V, --version')
  .option('--json', 'print JSON lines for programs')
  .configureOutput({ outputError: () => {} })
  // Each command as its own help writes it; that there are options goes without saying.
  .configureHelp({
    subcommandTerm: (of) => `${of.name()} ${of.usage().replace('[options]', '').trim()}`.trim(),
  })
  .showHelpAfterError(false)
  .exitOverride()
  .enablePositionalOptions(false)
  .addHelpText(
    'after',
    `
The account comes from \`jabberfs login\`, or from JABBERFS_JID, JABBERFS_PASSWORD, JABBERFS_SERVICE,
JABBERFS_COMPONENT and JABBERFS_STATE. Exit codes: README.md.`,
  )

const json = (): boolean => program.opts<{ json?: boolean }>().json === true
/** A program that wants JSON has said so even where the command line could not be read. */
const wantsJson = (): boolean => json() || process.argv.includes('--json')

const run = async (act: (screen: Screen) => Promise<number>): Promise<void> => {
  const screen = openScreen({ json: json() })
  try {
    process.exitCode = await act(screen)
  } finally {
    screen.close()
  }
}
const found = (no: number): FoundBefore => foundBefore(readAccount().state, no)
const giveOrder = (order: Order): Promise<void> => run((screen) => perform(order, screen))

// In the order of the README, which the help shows.
addLogin(program, run)
addSend(program, giveOrder)
addReceive(program, giveOrder, json)
addShareCommands(program, giveOrder)
addCatalogueCommands(program, giveOrder, json, (no) => found(no).root)
addGet(program, giveOrder, found)
addWatch(program, giveOrder)
addServe(program, giveOrder)
addTransferCommands(program, giveOrder)
addDeviceCommands(program, giveOrder)
addPath(program, giveOrder)
addDoctor(program, giveOrder)
addComponent(program)
/** Whose command line could not be read. */
let misread = program.name()
for (const command of program.commands) {
  command
    .exitOverride((error) => {
      misread = `${program.name()} ${command.name()}`
      throw error
    })
    .configureOutput({ outputError: () => {} })
  // So that it may stand at the end of the line too.
  command.option('--json', 'print JSON lines for programs')
  command.hook('preAction', (_this, acting) => {
    if (acting.opts<{ json?: boolean }>().json) program.setOptionValue('json', true)
  })
}

// A pipe that is closed early (`jabberfs transfers | head -1`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exits.done.exit)
  process.stderr.write(
    `jabberfs: The output cannot be written (${error.code}). Free some space, or name another place.\n`,
  )
  process.exit(exits.disk.exit)
})

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = fail(error)
}

function fail(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exits.done.exit
    const help = error.code === 'commander.help'
    // A guess at what was meant comes on a line of its own.
    const says = error.message
      .replace(/^error: /, '')
      .replace(/\n/g, ' ')
      .replace(/\.?$/, '.')
    const see = `See \`${misread} --help\``
    const isName = error.code === 'commander.unknownOption'
    const todo = isName ? `${see}; a name that begins with - comes after \`--\`.` : `${see}.`
    if (!help) openScreen({ json: wantsJson() }).fail({ code: 'usage', says, todo })
    return exits.usage.exit
  }
  const trouble = troubleOf(error)
  openScreen({ json: wantsJson() }).fail(trouble)
  if (process.env.JABBERFS_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return exitOf(trouble.code)
}

function version(): string {
  // dist/cli/main.js, two folders below the package.
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
