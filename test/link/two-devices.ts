/**
 * What the tests of links begin with: two devices, an attempt of each, and a stranger with a certificate of his own.
 */

import { randomBytes } from 'node:crypto'
import {
  type AttemptOptions,
  createDeviceIdentity,
  type Link,
  type LinkAttempt,
  openAttempt,
} from '../../link/index.js'
import { type DirectCandidate, isDirect } from '../../protocol/candidates.js'

/** Made once: a key takes some milliseconds. */
export const [sender, receiver, stranger] = await Promise.all([
  createDeviceIdentity(),
  createDeviceIdentity(),
  createDeviceIdentity(),
])

export const newToken = (): Uint8Array => new Uint8Array(randomBytes(32))

/** Listening on IPv4's loopback only. */
export const atLoopback = { host: '127.0.0.1' }

export const at = (port: number, ip = '127.0.0.1'): DirectCandidate => ({ ip, port, kind: 'host' })

export const sendingAttempt = (options: Partial<AttemptOptions> = {}): LinkAttempt =>
  openAttempt({
    side: 'sending',
    identity: sender,
    peerDevice: receiver.id,
    listen: atLoopback,
    allowLoopback: true,
    ...options,
  })

export const receivingAttempt = (options: Partial<AttemptOptions> = {}): LinkAttempt =>
  openAttempt({
    side: 'receiving',
    identity: receiver,
    peerDevice: sender.id,
    token: newToken(),
    listen: atLoopback,
    allowLoopback: true,
    ...options,
  })

/** The port at which an attempt listens. */
export async function portOf(attempt: LinkAttempt): Promise<number> {
  const candidate = (await attempt.candidates()).find(isDirect)
  if (candidate === undefined) throw new Error(`not listening: ${attempt.reasons.join()}`)
  return candidate.port
}

/** Two links that belong together; by default the receiving side dialled. */
export async function linkedPair(
  options: { sending?: Partial<AttemptOptions>; receiving?: Partial<AttemptOptions> } = {},
): Promise<{ sending: Link; receiving: Link }> {
  const token = newToken()
  const sending = sendingAttempt({ token, ...options.sending })
  const receiving = receivingAttempt({ token, listen: false, ...options.receiving })
  const [ofSending, ofReceiving] = await Promise.all([sending.candidates(), receiving.candidates()])
  if (ofReceiving.length > 0) sending.dial(ofReceiving)
  if (ofSending.length > 0) receiving.dial(ofSending)
  const [one, other] = await Promise.all([sending.link, receiving.link])
  return { sending: one, receiving: other }
}

/** What became of an attempt: a link, or why not. */
export async function outcome(attempt: LinkAttempt): Promise<'link' | string> {
  try {
    await attempt.link
    return 'link'
  } catch (error) {
    return (error as { code: string }).code
  }
}

/** Settles when a link is gone, with the error that came with it. */
export const closing = (link: Link): Promise<Error | undefined> =>
  new Promise((resolve) => link.onClosed(resolve))

/** Settles with the first `count` bytes of a link; what is more stays out. */
export const incoming = (link: Link, count: number): Promise<Buffer> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    let have = 0
    link.onBytes((chunk) => {
      chunks.push(Buffer.from(chunk))
      have += chunk.length
      if (have >= count) resolve(Buffer.concat(chunks).subarray(0, count))
    })
  })
