/** A device that brings a list word by word, so that a test can stop, lie or die anywhere in between. */

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { hashSource, openSource, type Serving, type Source, serve } from '../../../bytes/index.js'
import { type DeviceIdentity, type Link, openAttempt } from '../../../link/index.js'
import { type ListHead, writeList } from '../../../protocol/catalogue-list/index.js'
import type { Channel } from '../../../protocol/channel.js'
import type { Accept, Entry } from '../../../schemas/index.js'
import { type Device, newOfferId } from '../stage.js'

/** Entries whose roots do not shrink, as those of real files. */
export function* realistic(count: number): Generator<Entry> {
  for (let n = 0; n < count; n++) {
    const root = new Uint8Array(createHash('sha256').update(String(n)).digest())
    yield {
      path: `song ${String(n).padStart(7, '0')}.mp3`,
      size: n,
      modified: 0,
      root,
      type: undefined,
      tags: [],
    }
  }
}

/** A list as it travels. */
export function packed(head: ListHead, entries: Iterable<Entry>): Buffer {
  return deflateSync([...writeList(head, entries)].join(''), { level: 1 })
}

/** A file that is to be brought, whatever is in it. */
export interface Brought {
  source: Source
  root: Uint8Array
}

export async function brought(dir: string, bytes: Uint8Array): Promise<Brought> {
  const path = join(dir, `${newOfferId()}.z`)
  writeFileSync(path, bytes)
  const source = await openSource(path)
  return { source, root: await hashSource(source) }
}

export class Bringer {
  constructor(
    readonly device: Device,
    readonly identity: DeviceIdentity,
  ) {}

  /** Says the offer. @returns its id */
  async offer({ source, root }: Brought, changes: object = {}, id = newOfferId()): Promise<string> {
    const { filesize } = source
    const file = { filename: 'catalogue-list', filesize, root, hashes: [], rootLater: false, ...changes }
    await this.device.say('offer', { id, peer: this.device.component, every: false, files: [file] })
    return id
  }

  /** Dials what an accept says. */
  async dial({ device, token, way }: Accept, identity = this.identity): Promise<Link> {
    const attempt = openAttempt({
      side: 'sending',
      identity,
      peerDevice: device!,
      token: token!,
      listen: false,
      allowLoopback: true,
    })
    if (way?.kind === 'listening') attempt.dial(way.candidates)
    return attempt.link
  }

  /** Brings it all. @returns what the component says in the end: `complete`, or the reason of its abort */
  async bring(what: Brought): Promise<string> {
    await this.offer(what)
    const accept = await this.device.next('accept')
    const serving = this.serve(await this.dial(accept), what)
    await serving.done.catch(() => {})
    return this.end()
  }

  serve(channel: Channel, { source, root }: Brought): Serving {
    return serve(channel, source, { root })
  }

  /** How the component says that it ended. */
  async end(): Promise<string> {
    const { action, value } = await this.device.heard.next()
    if (action === 'complete') return action
    return action === 'abort' ? String(value.reason) : `heard ${action}`
  }
}

/** A link on which no more than so many bytes go out; `reached` settles when they have. */
export function heldBack(link: Link, bytes: number): { channel: Channel; reached: Promise<void> } {
  let left = bytes
  let settle = () => {}
  const reached = new Promise<void>((resolve) => {
    settle = resolve
  })
  const channel: Channel = {
    write(given, flushed) {
      if (left < given.length) {
        // And nothing after it either: a frame with a hole would be another fault.
        left = 0
        settle()
        return false
      }
      left -= given.length
      return link.write(given, flushed)
    },
    onBytes: (receive) => link.onBytes(receive),
    onClosed: (closed) => link.onClosed(closed),
    end: () => link.end(),
    destroy: () => link.destroy(),
  }
  return { channel, reached }
}
