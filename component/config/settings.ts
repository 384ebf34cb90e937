/** The settings, one by one: what each means, and how it is checked. Names are those of the TOML file. */

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

const nonEmpty = (given: string) => (given.trim() === '' ? undefined : given)

function domain(given: string): string | undefined {
  const jid = parseJid(given)
  return jid && jid.local === undefined && jid.resource === undefined ? jid.domain : undefined
}

function server(given: string): string | undefined {
  const match = /^xmpp:\/\/(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/.exec(given)
  const port = Number(match?.[2])
  return match && port >= 1 && port <= 65_535 ? given : undefined
}

const most = 1_000_000

export const settings: Readonly<Record<string, Setting>> = {
  domain: text("the component's own address, e.g. files.example.org", domain, true),
  server: text("xmpp://HOST:PORT, the server's component port, e.g. xmpp://127.0.0.1:5347", server, true),
  state: text('the folder for its database, e.g. /var/lib/jabberfs', nonEmpty, true),
  secret: text('the secret that the server knows too', nonEmpty),
  secret_file: text('a file that holds the secret', nonEmpty),
  log_level: text(`one of ${logLevels.join(', ')}`, (given) => logLevels.find((level) => level === given)),
  'limits.pending_per_pair': number('unanswered offers of one peer to another', 1, most),
  'limits.pending_per_recipient': number('unanswered offers to one peer', 1, most),
  'limits.pending_per_author': number('offers of one peer that have not ended', 1, most),
  'limits.finished_per_author': number('finished offers of one peer that are remembered', 256, most),
  'limits.devices_per_peer': number('devices of one peer', 1, 1_000),
  'limits.per_jid.per_second': number('requests a second of one peer', 1, most),
  'limits.per_jid.burst': number('requests of one peer at once', 1, most),
  'limits.per_domain.per_second': number('requests a second of all peers of another server', 1, most),
  'limits.per_domain.burst': number('requests of all peers of another server at once', 1, most),
}
