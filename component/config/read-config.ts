/**
 * Reads the component's configuration: a TOML file, and the environment, which has the last word.
 *
 * What holds: all faults are found in one go, each with the place and what would be right; a secret is taken from a file
 * that nobody else can read (0600), or from the environment, and is in no message (P22).
 */

import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import type { Rate } from '../limits/buckets.js'
import {
  type CatalogueConfig,
  type ComponentConfig,
  type ComponentLimits,
  usualCatalogue,
  usualLimits,
} from './config.js'
import { type Setting, settings } from './settings.js'

/** Everything that is wrong with a configuration. */
export class ConfigFailed extends Error {
  override name = 'ConfigFailed'
  readonly code = 'bad-config'

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'))
  }
}

export interface ConfigSources {
  /** Path of the TOML file, if there is one. */
  file?: string | undefined
  env?: Readonly<Record<string, string | undefined>>
}

/** Reads and checks it all. @throws ConfigFailed with every fault */
export function readConfig({ file, env = {} }: ConfigSources): ComponentConfig {
  const faults: string[] = []
  const table = file === undefined ? {} : readToml(file, faults)
  // What is wrong with a file as a whole makes everything else look missing.
  if (faults.length > 0) throw new ConfigFailed(faults)
  const given = gather(table, env, file, faults)
  if ((given.get('secret') as string | undefined) !== undefined && file !== undefined && hasSecret(table)) {
    checkPrivate(file, faults)
  }
  if (hasSecret(table) && table.secret_file !== undefined) {
    faults.push('secret and secret_file are both set: leave only one of them')
  }
  const secretFile = given.get('secret_file') as string | undefined
  // The environment has the last word, whichever of the two it says.
  if (isSaid(env, 'secret_file') && !isSaid(env, 'secret')) given.delete('secret')
  if (given.get('secret') === undefined && secretFile !== undefined) {
    const path = file === undefined ? secretFile : resolve(dirname(file), secretFile)
    const secret = readSecret(path, faults)
    if (secret !== undefined) given.set('secret', secret)
  }
  const failedAlready = (name: string) => faults.some((fault) => fault.includes(name))
  for (const [name, { required }] of Object.entries<Setting>(settings)) {
    if (required && given.get(name) === undefined && !failedAlready(name)) {
      faults.push(`${name} is missing: ${settings[name]?.means}`)
    }
  }
  if (given.get('secret') === undefined && !failedAlready('secret')) {
    faults.push(
      'secret is missing: name a file with the mode 0600 as secret_file, or set JABBERFS_COMPONENT_SECRET',
    )
  }
  if (faults.length > 0) throw new ConfigFailed(faults)
  return assemble(given, file)
}

const isSaid = (env: Readonly<Record<string, string | undefined>>, name: string) =>
  (env[environmentName(name)] ?? '') !== ''

const hasSecret = (table: Record<string, unknown>) => table.secret !== undefined

function readToml(file: string, faults: string[]): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    faults.push(`${file} cannot be read: ${reasonOf(error)}`)
    return {}
  }
  try {
    return parse(text)
  } catch (error) {
    const at = error instanceof TomlError ? ` in line ${error.line}, column ${error.column}` : ''
    const name = error instanceof TomlError ? unquotedIn(text.split('\n')[error.line - 1]) : undefined
    // The parser's own message shows the line, which may hold the secret.
    const hint = name === undefined ? '' : `: quote it, ${name} = "…"`
    faults.push(`${file} is not TOML${at}${hint}`)
    return {}
  }
}

/** Settings that are one text. */
const texts = ['domain', 'server', 'state', 'secret', 'secret_file', 'log_level', 'list_host']

/** The name of a setting whose value is a text without its quotes. Of the value nothing is said. */
function unquotedIn(line = ''): string | undefined {
  const name = /^\s*([a-z_]+)\s*=\s*[^\s"']/.exec(line)?.[1]
  return texts.find((known) => known === name)
}

/** Where it belongs, if it is one that only stands at a wrong place: TOML takes each key for the table above it. */
function placeOf(name: string): string {
  const bare = name.slice(name.lastIndexOf('.') + 1)
  if (bare === name || settings[bare] === undefined) return ''
  const table = name.slice(0, -bare.length - 1)
  return `: ${bare} belongs above the first table of the file, and stands below [${table}]`
}

/** All that was given, checked one by one. */
function gather(
  table: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
  file: string | undefined,
  faults: string[],
): Map<string, unknown> {
  const given = new Map<string, unknown>()
  const flat = flatten(table)
  for (const [name, value] of flat) {
    const setting = settings[name]
    if (setting === undefined) {
      faults.push(`${file}: ${name} is not a setting${placeOf(name)}`)
      continue
    }
    const checked = setting.fromToml(value)
    if (checked !== undefined) given.set(name, checked)
    else if (isBare(value) && setting.fromToml(String(value)) !== undefined)
      faults.push(`${file}: ${name} must be a text: quote it, ${name} = "…"`)
    else faults.push(`${file}: ${name} must be ${setting.means}`)
  }
  for (const [name, setting] of Object.entries(settings)) {
    const key = environmentName(name)
    const text = env[key]
    if (text === undefined || text === '') continue
    const checked = setting.fromText(text)
    if (checked === undefined) faults.push(`${key} must be ${setting.means}`)
    else given.set(name, checked)
  }
  return given
}

/** What TOML takes for no text where the quotes are not there. */
const isBare = (value: unknown) => ['number', 'bigint', 'boolean'].includes(typeof value)

/** `limits.per_jid.burst` for what is nested. */
function flatten(table: Record<string, unknown>, prefix = ''): [string, unknown][] {
  return Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
      ? flatten(value as Record<string, unknown>, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value] as [string, unknown]],
  )
}

/** `JABBERFS_COMPONENT_LIMITS_PER_JID_BURST` for `limits.per_jid.burst`. */
export function environmentName(name: string): string {
  return `JABBERFS_COMPONENT_${name.toUpperCase().replaceAll('.', '_')}`
}

function readSecret(path: string, faults: string[]): string | undefined {
  try {
    const secret = readFileSync(path, 'utf8').trim()
    checkPrivate(path, faults)
    if (secret !== '') return secret
    faults.push(`${path} is empty: it is to hold the secret`)
  } catch (error) {
    faults.push(`secret_file ${path} cannot be read: ${reasonOf(error)}`)
  }
  return undefined
}

function checkPrivate(path: string, faults: string[]): void {
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) !== 0) {
    faults.push(`${path} holds a secret and can be read by others: run chmod 600 ${path}`)
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read by this user',
  EISDIR: 'it is a folder',
}

function reasonOf(error: unknown): string {
  const { code = 'unknown', message } = error as NodeJS.ErrnoException
  return reasons[code] ?? message
}

function assemble(given: Map<string, unknown>, file: string | undefined): ComponentConfig {
  const get = <T>(name: string, otherwise: T) => (given.get(name) as T | undefined) ?? otherwise
  const state = get('state', '')
  const number = (name: string, usual: number) => get(`limits.${name}`, usual)
  const limits: ComponentLimits = {
    pendingPerPair: number('pending_per_pair', usualLimits.pendingPerPair),
    pendingPerRecipient: number('pending_per_recipient', usualLimits.pendingPerRecipient),
    pendingPerAuthor: number('pending_per_author', usualLimits.pendingPerAuthor),
    finishedPerAuthor: number('finished_per_author', usualLimits.finishedPerAuthor),
    devicesPerPeer: number('devices_per_peer', usualLimits.devicesPerPeer),
    perJid: {
      perSecond: number('per_jid.per_second', usualLimits.perJid.perSecond),
      burst: number('per_jid.burst', usualLimits.perJid.burst),
    },
    perDomain: {
      perSecond: number('per_domain.per_second', usualLimits.perDomain.perSecond),
      burst: number('per_domain.burst', usualLimits.perDomain.burst),
    },
  }
  const domain = get('domain', '')
  return {
    domain,
    server: get('server', ''),
    secret: get('secret', ''),
    state: file === undefined ? resolve(state) : resolve(dirname(file), state),
    logLevel: get('log_level', 'info'),
    listPort: get('list_port', 0),
    ...(given.has('list_host') && { listHost: get('list_host', '') }),
    ...(given.has('list_announce') && { listAnnounce: get('list_announce', [] as string[]) }),
    admins: get('admins', [] as string[]),
    limits,
    catalogue: catalogueOf(usualCatalogue(domain), get),
  }
}

function catalogueOf(usual: CatalogueConfig, get: <T>(name: string, otherwise: T) => T): CatalogueConfig {
  const rate = (name: string, { perSecond, burst }: Rate): Rate => ({
    perSecond: get(`catalogue.${name}.per_second`, perSecond),
    burst: get(`catalogue.${name}.burst`, burst),
  })
  return {
    users: get('catalogue.users', usual.users),
    entriesPerPeer: get('catalogue.entries_per_peer', usual.entriesPerPeer),
    entries: get('catalogue.entries', usual.entries),
    asking: rate('asking', usual.asking),
    askingPerDomain: rate('asking_per_domain', usual.askingPerDomain),
    changing: rate('changing', usual.changing),
    changingPerDomain: rate('changing_per_domain', usual.changingPerDomain),
  }
}
