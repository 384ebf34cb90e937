/**
 * `login`: asks for the password, tries it, finds the component, and writes the account's file. The password
 * comes from the terminal (not shown) or, in a pipe, as the first line of stdin; never from the command line.
 */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Command } from 'commander'
import {
  type AccountFile,
  accountPath,
  checkComponent,
  checkJid,
  checkService,
  readAccountFile,
  writeAccountFile,
} from '../account.js'
import { CommandFailed } from '../failure.js'
import type { Wanted } from '../holder/choosing-component.js'
import type { Screen } from '../screen/screen.js'
import { readSettings } from '../settings.js'
import { showable } from '../showable.js'

interface LoginOptions {
  service?: string
  component?: string
  state?: string
  check: boolean
}

/** Adds the command. */
export function addLogin(
  program: Command,
  run: (act: (screen: Screen) => Promise<number>) => Promise<void>,
): void {
  program
    .command('login')
    .description('set the account that the other commands act as')
    .argument('<jid>', 'the account, as name@server')
    .option('--service <url>', 'where the server is, if it is not found by its name: xmpp://HOST:PORT')
    .option('--component <jid>', 'the file transfer component, if the server does not list it')
    .option('--state <dir>', 'the folder for this device’s key and the journal')
    .option('--no-check', 'write the file without trying the password and the component')
    .action((jid: string, options: LoginOptions) => run((screen) => login(jid, options, screen)))
}

async function login(jid: string, options: LoginOptions, screen: Screen): Promise<number> {
  checkJid(jid, 'login', 'usage')
  if (options.service) checkService(options.service, '--service', 'usage')
  const path = accountPath()
  const before = sameAccount(path, jid)
  // The environment goes before the file here, too: what was tried is what is written.
  const { JABBERFS_SERVICE: fromOutside, JABBERFS_COMPONENT: named } = process.env
  if (!options.service && fromOutside) checkService(fromOutside, 'JABBERFS_SERVICE', 'usage')
  if (options.component) checkComponent(options.component, '--component', 'usage')
  if (named) checkComponent(named, 'JABBERFS_COMPONENT', 'usage')
  const service = options.service ?? (fromOutside || before.service)
  const settings = readSettings(service ? { service } : {})
  const password = await askPassword(`Password for ${showable(jid)}: `)
  if (password === '') throw new CommandFailed('usage', 'The password is empty.', 'Type it, or pipe it in.')
  const account: AccountFile = { jid, password }
  if (service) account.service = service
  const state = options.state ?? before.state
  if (state) account.state = state
  const wanted: Wanted = { named: options.component ?? (named || undefined), remembered: before.component }
  let component = wanted.named ?? wanted.remembered

  let isSilent = false
  let instead: string | undefined
  if (options.check) {
    screen.note('trying it (this takes a second or two)')
    const { createClientEntity } = await import('../../client-plugin/index.js')
    const { connect } = await import('../holder/hold.js')
    const { chooseComponent } = await import('../holder/choosing-component.js')
    const entity = createClientEntity({
      jid,
      password,
      ...(service ? { service } : {}),
      ...(settings.allowPlain ? { allowPlain: true } : {}),
    })
    entity.on('error', () => {})
    try {
      await connect(entity, { jid, ...(service ? { service } : {}) }, '`--service xmpp://HOST:PORT`')
      const chosen = await chooseComponent(entity, wanted)
      component = chosen.component
      isSilent = chosen.isSilent
      instead = chosen.instead?.of
      if (chosen.instead !== undefined) screen.note(chosen.instead.says)
    } finally {
      await entity.stop().catch(() => {})
    }
  }
  if (component) account.component = component
  writeAccountFile(path, account)
  const fields = { ...(component && { component }), ...(instead && { instead }) }
  screen.show({ report: 'account', jid, file: path, ...fields })
  if (options.check && component === undefined) {
    throw new CommandFailed(
      'component-unknown',
      'The server lists no file transfer component; the account is set all the same.',
      'Ask its operator, or name it with --component.',
    )
  }
  if (isSilent) {
    throw new CommandFailed(
      'component-away',
      `${component}, which files went through before, does not answer now; the account is set all the same.`,
      'Try `jabberfs doctor` in a moment; if that is not its name any more, ask its operator, and name it with --component.',
    )
  }
  if (component) screen.note(`files go through ${showable(component)}; try \`jabberfs receive\``)
  return 0
}

/** What the file says of this account, if it is of this account; a broken file is simply replaced. */
function sameAccount(path: string, jid: string): AccountFile {
  try {
    const file = readAccountFile(path)
    return file?.jid === jid ? file : {}
  } catch {
    return {}
  }
}

async function askPassword(question: string): Promise<string> {
  const onTerminal = process.stdin.isTTY === true
  if (onTerminal) process.stderr.write(question)
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: mute, terminal: onTerminal })
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('SIGINT', () =>
        reject(new CommandFailed('interrupted', 'Interrupted.', 'Nothing was changed.')),
      )
      lines.once('close', () => resolve(''))
    })
  } finally {
    lines.close()
    if (onTerminal) process.stderr.write('\n')
  }
}
