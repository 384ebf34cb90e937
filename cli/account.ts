/**
 * Whose account, which server: from the environment or from a file that only its owner can read.
 * Never from the command line, which every user of the machine sees. The environment goes before the file; a
 * JID from the environment never meets a password from the file of another JID.
 */
import {
  closeSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parse, stringify } from 'smol-toml'
import { CommandFailed } from './failure.js'

export interface Account {
  /** Bare JID. */
  jid: string
  password: string
  /** `xmpp://HOST:PORT` where the server of the JID's domain is not found by itself. */
  service?: string
  /** The component's JID; asked from the server when it is absent. */
  component?: string
  /** The state folder. */
  state: string
}

/** What the file holds; what else is in it is refused, since it is most likely a slip. */
const keys = ['jid', 'password', 'service', 'component', 'state'] as const
export type AccountFile = Partial<Record<(typeof keys)[number], string>>

/** `~/.config/jabberfs/account.toml`, or what JABBERFS_CONFIG names. */
export function accountPath(env: NodeJS.ProcessEnv = process.env): string {
  return env.JABBERFS_CONFIG
    ? atHome(env.JABBERFS_CONFIG)
    : join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'jabberfs', 'account.toml')
}

/** The account to act as. @throws CommandFailed `no-account`, `bad-config`, `config-readable-by-others` */
export function readAccount(env: NodeJS.ProcessEnv = process.env): Account {
  const path = accountPath(env)
  // With all of it in the environment, a file that is broken or not ours need not bother anybody.
  const file: AccountFile = env.JABBERFS_JID && env.JABBERFS_PASSWORD ? {} : (readAccountFile(path) ?? {})
  const jid = env.JABBERFS_JID || file.jid
  if (!jid) {
    const says = env.JABBERFS_CONFIG ? `There is no account in ${path}.` : 'No account is set.'
    throw new CommandFailed('no-account', says, 'Run `jabberfs login NAME@SERVER` first.')
  }
  checkJid(jid, env.JABBERFS_JID ? 'JABBERFS_JID' : path)
  const own = file.jid === jid ? file : {}
  const password = env.JABBERFS_PASSWORD || own.password
  if (!password) {
    throw new CommandFailed(
      'no-account',
      `There is no password for ${jid}.`,
      `Run \`jabberfs login ${jid}\`, or set JABBERFS_PASSWORD.`,
    )
  }
  const service = env.JABBERFS_SERVICE || own.service
  const component = env.JABBERFS_COMPONENT || own.component
  const state = env.JABBERFS_STATE || own.state
  return {
    jid,
    password,
    state: state ? atHome(state) : defaultState(jid, env),
    ...(service ? { service: checkService(service, env.JABBERFS_SERVICE ? 'JABBERFS_SERVICE' : path) } : {}),
    ...(component
      ? { component: checkComponent(component, env.JABBERFS_COMPONENT ? 'JABBERFS_COMPONENT' : path) }
      : {}),
  }
}

/** One folder for each account. */
function defaultState(jid: string, env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_STATE_HOME || join(homedir(), '.local', 'state')
  return join(base, 'jabberfs', encodeURIComponent(jid).replaceAll('%40', '@'))
}

/** @returns what is in the file, undefined when there is none. */
export function readAccountFile(path: string): AccountFile | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CommandFailed(
      'bad-config',
      `${path} cannot be read (${codeOf(error)}).`,
      'Make it yours, mode 0600.',
      {
        cause: error,
      },
    )
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile())
      throw new CommandFailed('bad-config', `${path} is not a file.`, 'Run `jabberfs login`.')
    if (stat.mode & 0o077) {
      throw new CommandFailed(
        'config-readable-by-others',
        `${path} holds a password and can be read by others.`,
        `Run \`chmod 600 ${path}\`.`,
      )
    }
    return parseAccount(readFileSync(fd, 'utf8'), path)
  } finally {
    closeSync(fd)
  }
}

const isKey = (key: string) => (keys as readonly string[]).includes(key)

function parseAccount(text: string, path: string): AccountFile {
  const todo = 'Correct it, or write a new one with `jabberfs login`.'
  let table: Record<string, unknown>
  try {
    table = parse(text)
  } catch (error) {
    // The parser's own message shows the lines around the fault, and one of them may be the password.
    const line = (error as { line?: number }).line
    const key = /^\s*([a-z]+)\s*=\s*[^\s"']/.exec(text.split('\n')[(line ?? 0) - 1] ?? '')?.[1]
    const hint = key !== undefined && isKey(key) ? `: quote it, ${key} = "…"` : ''
    throw new CommandFailed('bad-config', `${path} is not TOML${line ? ` (line ${line})` : ''}${hint}.`, todo)
  }
  const faults = Object.entries(table).flatMap(([key, value]) => {
    if (!isKey(key)) return [`“${key}” means nothing here`]
    return typeof value === 'string' ? [] : [`“${key}” must be a text in quotes`]
  })
  if (faults.length > 0) throw new CommandFailed('bad-config', `${path}: ${faults.join('; ')}.`, todo)
  return table as AccountFile
}

/** Writes the file so that nobody else can read it at any instant, and never half of it. @throws CommandFailed where it cannot */
export function writeAccountFile(path: string, account: AccountFile): void {
  const draft = `${path}.${process.pid}.new`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const fd = openSync(draft, 'w', 0o600)
    try {
      fchmodSync(fd, 0o600)
      writeFileSync(
        fd,
        `# The account of the command jabberfs. Only its owner may read this file.\n${stringify(account)}`,
      )
    } finally {
      closeSync(fd)
    }
    renameSync(draft, path)
  } catch (error) {
    try {
      rmSync(draft, { force: true })
    } catch {
      // It lies where nothing can be written, so it is not there.
    }
    const isDisk = ['ENOSPC', 'EDQUOT', 'EIO'].includes(codeOf(error))
    throw new CommandFailed(
      isDisk ? 'no-space' : 'bad-config',
      `${path} cannot be written (${codeOf(error)}).`,
      isDisk ? 'Free some space.' : 'Make its folder yours, or name another file by JABBERFS_CONFIG.',
      { cause: error },
    )
  }
}

/** A bare JID, roughly; the server judges the rest. @param code `usage` where it was typed just now */
export function checkJid(jid: string, where: string, code: 'bad-config' | 'usage' = 'bad-config'): void {
  if (!/^[^@/\s]{1,512}@[^@/\s]{1,255}$/.test(jid)) {
    throw new CommandFailed(
      code,
      `${where}: “${jid}” is not an account’s address.`,
      'Write it as name@server.',
    )
  }
}

/** Where the server is. @param code `usage` where it was typed just now @returns it unchanged. */
export function checkService(
  service: string,
  where: string,
  code: 'bad-config' | 'usage' = 'bad-config',
): string {
  if (!/^(xmpps?|wss?):\/\/[^\s/@]+(\/\S*)?$/.test(service) && !/^[^\s:/@]+$/.test(service)) {
    throw new CommandFailed(
      code,
      `${where}: “${service}” is not a server’s address.`,
      'Write it as xmpp://HOST:PORT (or xmpps://…).',
    )
  }
  return service
}

/** The component's address, roughly. @param code `usage` where it was typed just now @returns it unchanged. */
export function checkComponent(
  component: string,
  where: string,
  code: 'bad-config' | 'usage' = 'bad-config',
): string {
  if (!/^[^\s/@]{1,255}$/.test(component)) {
    throw new CommandFailed(
      code,
      `${where}: “${component}” is not a component’s address.`,
      'Write it as files.server.example.',
    )
  }
  return component
}

function atHome(path: string): string {
  return resolve(path.replace(/^~(?=\/|$)/, homedir()))
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'error'
}
