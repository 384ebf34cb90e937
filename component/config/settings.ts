/** The settings, one by one: what each means, and how it is checked. Names are those of the TOML file. */

import { isIP } from 'node:net'
import { portAllowed } from '../../protocol/ports.js'
import { parseJid } from '../../schemas/index.js'
import { logLevels } from './config.js'

export interface Setting {
  /** What is right, as in "must be …" and "is missing: …". */
  readonly means: string
  readonly required: boolean
  /** The checked value, or `undefined` when it is wrong. */
  fromToml(value: unknown): unknown
  fromText(text: string): unknown
}

function text(means: string, check: (text: string) => string | undefined, required = false): Setting {
  return {
    means,
    required,
    fromToml: (value) => (typeof value === 'string' ? check(value) : undefined),
    fromText: check,
  }
}

function number(means: string, min: number, max: number): Setting {
  const check = (value: number) =>
    Number.isInteger(value) && value >= min && value <= max ? value : undefined
  return {
    means: `a whole number from ${min} to ${max} (${means})`,
    required: false,
    fromToml: (value) => (typeof value === 'number' ? check(value) : undefined),
    fromText: (given) => (/^[0-9]{1,12}$/.test(given) ? check(Number(given)) : undefined),
  }
}

/** A list in TOML; parted by commas in the environment. */
function list(means: string, check: (text: string) => string | undefined, most: number): Setting {
  const checked = (items: readonly unknown[]) => {
    const good = items.map((item) => (typeof item === 'string' ? check(item) : undefined))
    return items.length <= most && !good.includes(undefined) ? good : undefined
  }
  return {
    means,
    required: false,
    fromToml: (value) => (Array.isArray(value) ? checked(value) : undefined),
    fromText: (text) => checked(text.split(',').map((item) => item.trim())),
  }
}

const nonEmpty = (given: string) => (given.trim() === '' ? undefined : given)

function domain(given: string): string | undefined {
  const jid = parseJid(given)
  return jid && jid.local === undefined && jid.resource === undefined ? jid.domain : undefined
}

function domainOrPeer(given: string): string | undefined {
  const jid = parseJid(given)
  return given === '*' ? '*' : jid?.resource === undefined ? jid?.bare : undefined
}

function person(given: string): string | undefined {
  const jid = parseJid(given)
  return jid?.local !== undefined && jid.resource === undefined ? jid.bare : undefined
}

function server(given: string): string | undefined {
  const match = /^xmpp:\/\/(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/.exec(given)
  const port = Number(match?.[2])
  return match && port >= 1 && port <= 65_535 ? given : undefined
}

const ipAddress = (given: string) => (isIP(given) > 0 ? given : undefined)

/** A port that devices dial, or none. */
function dialledPort(means: string): Setting {
  const check = (value: number) => (value === 0 || portAllowed(value) ? value : undefined)
  return {
    means: `0, or a port from 1024 on at which no other service is usual (${means})`,
    required: false,
    fromToml: (value) => (typeof value === 'number' ? check(value) : undefined),
    fromText: (given) => (/^[0-9]{1,5}$/.test(given) ? check(Number(given)) : undefined),
  }
}

const most = 1_000_000

export const settings: Readonly<Record<string, Setting>> = {
  domain: text("the component's own address, e.g. files.example.org", domain, true),
  server: text("xmpp://HOST:PORT, the server's component port, e.g. xmpp://127.0.0.1:5347", server, true),
  state: text('the folder for its database, e.g. /var/lib/jabberfs', nonEmpty, true),
  secret: text('the secret that the server knows too', nonEmpty),
  secret_file: text('a file that holds the secret', nonEmpty),
  log_level: text(`one of ${logLevels.join(', ')}`, (given) => logLevels.find((level) => level === given)),
  list_port: dialledPort('where devices bring long lists; 0 is closed'),
  list_host: text('an IP address of this machine, at which list_port listens', ipAddress),
  list_announce: list('a list of up to four IP addresses at which list_port is reached', ipAddress, 4),
  admins: list('a list of bare JIDs who may look after it, e.g. ["root@example.org"]', person, 64),
  'limits.pending_per_pair': number('unanswered offers of one peer to another', 1, most),
  'limits.pending_per_recipient': number('unanswered offers to one peer', 1, most),
  'limits.pending_per_author': number('offers of one peer that have not ended', 1, most),
  'limits.finished_per_author': number('finished offers of one peer that are remembered', 256, most),
  'limits.devices_per_peer': number('devices of one peer', 1, 1_000),
  'limits.per_jid.per_second': number('requests a second of one peer', 1, most),
  'limits.per_jid.burst': number('requests of one peer at once', 1, most),
  'limits.per_domain.per_second': number('requests a second of all peers of another server', 1, most),
  'limits.per_domain.burst': number('requests of all peers of another server at once', 1, most),
  'catalogue.users': list(
    'a list of domains and bare JIDs, or of "*" for everybody, e.g. ["example.org"]',
    domainOrPeer,
    1_000,
  ),
  'catalogue.entries_per_peer': number('files that one peer may share', 1, 100 * most),
  'catalogue.entries': number('files in all', 1, 1_000 * most),
  'catalogue.asking.per_second': number('questions a second of one peer', 1, most),
  'catalogue.asking.burst': number('questions of one peer at once', 1, most),
  'catalogue.asking_per_domain.per_second': number(
    'questions a second of all peers of another server',
    1,
    most,
  ),
  'catalogue.asking_per_domain.burst': number('questions of all peers of another server at once', 1, most),
  'catalogue.changing.per_second': number('changes a second of one peer', 1, most),
  'catalogue.changing.burst': number('changes of one peer at once', 1, most),
  'catalogue.changing_per_domain.per_second': number(
    'changes a second of all peers of another server',
    1,
    most,
  ),
  'catalogue.changing_per_domain.burst': number('changes of all peers of another server at once', 1, most),
}
