/**
 * One folder, held open, and its entries addressed through it: whatever its path leads to later, an entry
 * is made in this folder or not at all (P13, case 89).
 *
 * Rules: an entry's name is one component. On Linux it is addressed below /proc/self/fd, which is `openat`;
 * elsewhere by the real path of the folder when it was opened.
 */

import { constants, existsSync, fstatSync, fsync, lstatSync, openSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { diskFailure, systemCode } from './failure.js'
import { letGo } from './let-go.js'

const held = process.platform === 'linux' && existsSync('/proc/self/fd')

/** Kinds of file systems that cannot sync a folder say so with one of these. */
const noFolderSync: ReadonlySet<unknown> = new Set([
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
  'EISDIR',
  'EBADF',
])

export class Directory {
  readonly #fd: number
  readonly #base: string
  #closed = false

  /** Opens a folder; a symbolic link to one is followed now and never again. @throws ReceiveFailed */
  constructor(readonly path: string) {
    try {
      this.#fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
      this.#base = held ? `/proc/self/fd/${this.#fd}` : realpathSync(path)
    } catch (error) {
      throw diskFailure(error, 'the folder cannot be opened')
    }
  }

  /** Where an entry of this folder is, for a call to the file system. */
  at(name: string): string {
    if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) throw new Error('not a component')
    if (this.#closed) throw new Error('the folder is closed')
    return `${this.#base}/${name}`
  }

  /** Where an entry is, for people and for a journal. */
  named(name: string): string {
    return join(this.path, name)
  }

  /** The folder itself, for listing it. */
  get here(): string {
    return `${this.#base}/.`
  }

  /** What is at an entry's name, no link followed; `undefined` when nothing is. */
  look(name: string) {
    return lstatSync(this.at(name), { bigint: true, throwIfNoEntry: false })
  }

  /** Whether a path leads to this very folder now. */
  isAt(path: string): boolean {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    const own = fstatSync(this.#fd, { bigint: true })
    return found !== undefined && found.ino === own.ino && found.dev === own.dev
  }

  /** Makes names that were made or taken away here durable. Rejects with the system's error. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fsync(this.#fd, (error) => {
        if (error && !noFolderSync.has(systemCode(error))) reject(error)
        else resolve()
      })
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    letGo(this.#fd)
  }
}
