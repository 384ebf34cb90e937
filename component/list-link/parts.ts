/**
 * Where lists are received: part files in a folder of their own. What a broken link left is kept for a while, so that the
 * same list, offered again, goes on from there; a start begins with nothing.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openPart, type PartFile, ReceiveFailed } from '../../bytes/index.js'
import type { DeviceName } from '../catalogue/values.js'

/** How long what is left of a list is kept, in ms, and of how many lists. */
const keptForMs = 10 * 60_000
const mostKept = 8

/** Which list: whose, and what. */
export interface ListFile {
  owner: DeviceName
  filename: string
  filesize: number
  root: Uint8Array
}

interface Kept {
  path: string
  timer: NodeJS.Timeout
}

export class Parts {
  readonly #dir: string
  readonly #kept = new Map<string, Kept>()

  /** @param state the component's folder. What was left in ours by an earlier process is removed. */
  constructor(state: string) {
    this.#dir = join(state, 'lists')
    rmSync(this.#dir, { recursive: true, force: true })
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
  }

  /** Opens a part file for a list: the one that is kept of it, or a new one. @throws ReceiveFailed */
  async open(list: ListFile, signal: AbortSignal): Promise<PartFile> {
    const { filename, filesize, root, owner } = list
    const sid = keyOf(list)
    const options = { dir: this.#dir, transfer: { sid, peer: owner.peer, filename, filesize, root }, signal }
    const kept = this.#forget(sid)
    if (kept !== undefined) {
      try {
        return await openPart({ ...options, existing: kept.path })
      } catch (error) {
        this.#remove(kept.path)
        if (error instanceof ReceiveFailed && error.code === 'stopped') throw error
      }
    }
    return openPart(options)
  }

  /** Keeps what is there of a list, for when it is offered again. */
  async keep(list: ListFile, part: PartFile): Promise<void> {
    if (part.closed) return
    const { path, heldBytes } = part
    if (heldBytes === 0 || this.#kept.size >= mostKept) {
      await part.discard()
      return
    }
    await part.close()
    const sid = keyOf(list)
    const timer = setTimeout(() => {
      this.#kept.delete(sid)
      this.#remove(path)
    }, keptForMs)
    timer.unref()
    this.#kept.set(sid, { path, timer })
  }

  /** Removes all of it. */
  close(): void {
    for (const { timer } of this.#kept.values()) clearTimeout(timer)
    this.#kept.clear()
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #forget(sid: string): Kept | undefined {
    const kept = this.#kept.get(sid)
    clearTimeout(kept?.timer)
    this.#kept.delete(sid)
    return kept
  }

  #remove(path: string): void {
    rmSync(path, { force: true })
    rmSync(path.replace(/\.part$/, '.ledger'), { force: true })
  }
}

/** The same for the same list of the same device, in the form of a session's id. */
function keyOf({ owner, filesize, root }: ListFile): string {
  const hash = createHash('sha256').update(`${owner.peer}\n${owner.device}\n${filesize}\n`).update(root)
  return hash.digest('hex').slice(0, 32)
}
