/** Options: read once, checked, clamped. What is not allowed is said by name (`bad-option`), never guessed. */

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { SocketsWanted } from '../link/index.js'
import { maxFileBytes as largestFileBytes } from '../protocol/blocks.js'
import { maxSockets } from '../protocol/sockets.js'
import { foldJid } from '../schemas/index.js'
import type { FileTransferOptions, OffersFrom } from './api.js'
import { readFrom } from './contacts/welcome.js'
import { FileTransferError } from './errors.js'
import type { PathSettings } from './paths/paths.js'
import { readPolicies, readPolicy } from './paths/policy.js'

/** The options as the rooms use them: nothing optional, times in ms. */
export interface Settings extends PathSettings {
  component: string
  state: string
  listen: false | { host?: string; ports?: [number, number] }
  sides: 'both' | 'alternate'
  mapPorts: boolean
  allowLoopback: boolean
  sockets: SocketsWanted
  linkDeadlineMs: number
  answerDeadlineMs: number
  maxFileBytes: number
  maxPendingOffers: number
  maxRunning: number
  lookAfterShares: boolean
  maxUploads: number
  maxUploadsPerPeer: number
  sourceDeadlineMs: number
  offersFrom: OffersFrom
  messageAfterMs: number | false
  messagesPerDay: number
  giveUpAfter: number
  trust: 'first-use' | 'every'
}

/** What only trials on one machine need: no option of the plugin. */
export interface TrialOptions {
  /** As many sockets as are wanted, at once and on any straight path. */
  socketsAnywhere?: boolean
}

/** @throws FileTransferError `bad-option`, with the option's name */
export function readOptions(options: FileTransferOptions & TrialOptions): Settings {
  const component = typeof options.component === 'string' ? foldJid(options.component) : undefined
  if (component === undefined) throw bad('component')
  if (typeof options.state !== 'string' || options.state === '') throw bad('state')
  const { offersFrom = 'contacts' } = options
  readFrom(offersFrom)
  const { listen = {}, sides = 'both', trust = 'first-use' } = options
  if (trust !== 'first-use' && trust !== 'every') throw bad('trust')
  if (sides !== 'both' && sides !== 'alternate') throw bad('sides')
  if (listen !== false && listen.ports !== undefined) {
    const [first, last] = listen.ports
    if (!isPort(first) || !isPort(last) || first > last) throw bad('listen.ports')
  }
  return {
    component,
    state: localPath(options.state),
    listen,
    sides,
    path: readPolicy('path', options.path) ?? 'any',
    paths: readPolicies(options.paths),
    mapPorts: options.mapPorts !== false,
    allowLoopback: options.allowLoopback === true,
    sockets: {
      most: within('sockets', options.sockets, maxSockets, 1, maxSockets),
      anywhere: options.socketsAnywhere === true,
    },
    linkDeadlineMs: within('linkDeadlineMs', options.linkDeadlineMs, 10_000, 500, 60_000),
    answerDeadlineMs: within('answerDeadlineMs', options.answerDeadlineMs, 15_000, 500, 60_000),
    maxFileBytes: within('maxFileBytes', options.maxFileBytes, largestFileBytes, 0, largestFileBytes),
    maxPendingOffers: within('maxPendingOffers', options.maxPendingOffers, 256, 1, 10_000),
    maxRunning: within('maxRunning', options.maxRunning, 16, 1, 256),
    lookAfterShares: options.lookAfterShares !== false,
    maxUploads: within('maxUploads', options.maxUploads, 4, 1, 256),
    maxUploadsPerPeer: within('maxUploadsPerPeer', options.maxUploadsPerPeer, 2, 1, 256),
    sourceDeadlineMs: within('sourceDeadlineMs', options.sourceDeadlineMs, 10_000, 500, 600_000),
    offersFrom,
    messageAfterMs:
      options.messageAfterMs === false
        ? false
        : within('messageAfterMs', options.messageAfterMs, 10_000, 1_000, 3_600_000),
    messagesPerDay: within('messagesPerDay', options.messagesPerDay, 20, 0, 1_000),
    giveUpAfter: within('giveUpAfter', options.giveUpAfter, Number.MAX_SAFE_INTEGER, 1),
    trust,
  }
}

/** A path as people write it: a leading `~/` is the home folder. */
export function localPath(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path)
}

function within(
  name: string,
  given: number | undefined,
  otherwise: number,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (given === undefined) return otherwise
  if (typeof given !== 'number' || Number.isNaN(given)) throw bad(name)
  return Math.min(max, Math.max(min, Math.floor(given)))
}

const isPort = (port: unknown): boolean => Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536

function bad(name: string): FileTransferError {
  return new FileTransferError('bad-option', name)
}
