/**
 * How opening, serving, receiving and placing can fail: a stable code, the cause below it, never a peer's text.
 */

import { constants as osConstants } from 'node:os'

/**
 * - `not-found`: there is no such file
 * - `not-a-file`: a folder, a FIFO, a device, a socket
 * - `too-large`: above what can be offered
 * - `io`: it cannot be opened or read
 * - `stopped`: the caller's signal
 * - `source-changed`: it changed while it was hashed
 */
export type SourceFailure = 'not-found' | 'not-a-file' | 'too-large' | 'io' | 'stopped' | 'source-changed'

/** A source that cannot be used. */
export class SourceFailed extends Error {
  override name = 'SourceFailed'
  constructor(
    readonly code: SourceFailure,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
  }
}

/**
 * - `source-changed`: the file is no longer what was offered
 * - `channel-lost`: the channel ended before the other side said `done`
 * - `stopped`: paused on purpose, here or there
 * - `bad-peer`: the other side broke the protocol
 * - `io`: the source cannot be read
 */
export type ServeFailure = 'source-changed' | 'channel-lost' | 'stopped' | 'bad-peer' | 'io'

/** A file that was not served to its end. */
export class ServeFailed extends Error {
  override name = 'ServeFailed'
  constructor(
    readonly code: ServeFailure,
    message: string,
    cause?: unknown,
    /** For `stopped`: whether the other side said so. */
    readonly byPeer = false,
  ) {
    super(message, cause === undefined ? undefined : { cause })
  }
}

/**
 * - `source-changed`: the sender's file is no longer what was offered, or no longer what we hold of it
 * - `bad-data`: the other side sent what is not asked for, not proven or not a frame
 * - `no-space`: the disk or the quota is full
 * - `too-large`: the file system takes no file of that size
 * - `io`: the disk or the folder fails otherwise; `cause` says how
 * - `channel-lost`: the channel ended early
 * - `stopped`: paused on purpose, here or there
 * - `part-lost`: the part file is gone or is not ours any more; begin anew
 * - `in-use`: the part file is open already in this process
 * - `already-there`: another file has the name and `skip` was wished for
 * - `bad-name`: the name is none that may be created
 */
export type ReceiveFailure =
  | 'source-changed'
  | 'bad-data'
  | 'no-space'
  | 'too-large'
  | 'io'
  | 'channel-lost'
  | 'stopped'
  | 'part-lost'
  | 'in-use'
  | 'already-there'
  | 'bad-name'

/** A file that was not received or not placed. What was proven stays, unless the code says otherwise. */
export class ReceiveFailed extends Error {
  override name = 'ReceiveFailed'
  constructor(
    readonly code: ReceiveFailure,
    message: string,
    cause?: unknown,
    /** For `stopped`: whether the other side said so. */
    readonly byPeer = false,
  ) {
    super(message, cause === undefined ? undefined : { cause })
  }
}

const spaceCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

const { EDQUOT, ESTALE } = osConstants.errno
/** Codes that Node does not know by name, by their number. */
const unnamedCodes: ReadonlyMap<unknown, string> = new Map([
  [-EDQUOT, 'EDQUOT'],
  [-ESTALE, 'ESTALE'],
])

/** The system's code of an error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  const { errno, code } = (error ?? {}) as { errno?: unknown; code?: unknown }
  return unnamedCodes.get(errno) ?? (typeof code === 'string' ? code : undefined)
}

/** Too much is open, or memory is short. */
const shortageCodes: ReadonlySet<string | undefined> = new Set([
  ...['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EINTR', 'EAGAIN'],
])

/** That, or a disk, its cable or its server does not answer. */
const passingCodes: ReadonlySet<string | undefined> = new Set([
  ...shortageCodes,
  ...['EBUSY', 'EIO', 'ENODEV', 'ESTALE', 'ETIMEDOUT', 'ENOTCONN', 'ECONNRESET', 'ECONNABORTED'],
  ...['EHOSTDOWN', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH', 'EREMOTEIO'],
])

/** The system's code behind a failure, where the same may succeed in a moment; undefined where it will not. */
export function passingCode(error: unknown): string | undefined {
  return codeAmong(passingCodes, error)
}

/** As {@link passingCode}, where it is this machine that is short of something, and no disk that fails. */
export function shortageCode(error: unknown): string | undefined {
  return codeAmong(shortageCodes, error)
}

function codeAmong(codes: ReadonlySet<string | undefined>, error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = systemCode(at)
    if (codes.has(code)) return code
  }
  return undefined
}

/** What a failed call to the file system means for receiving (P20). A ReceiveFailed is given back as it is. */
export function diskFailure(error: unknown, doing: string): ReceiveFailed {
  if (error instanceof ReceiveFailed) return error
  const code = systemCode(error)
  const means = code === 'EFBIG' ? 'too-large' : spaceCodes.has(code) ? 'no-space' : 'io'
  return new ReceiveFailed(means, `${doing}: ${code ?? 'failed'}`, error)
}
