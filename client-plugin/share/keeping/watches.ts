/**
 * Watching folders: one watch each, since the recursive watch of Node 20 loses events on Linux. Their number is bounded;
 * where there are more folders than watches, or the system has no more, the sweep finds what changed.
 */

import { type BigIntStats, type FSWatcher, readFileSync, watch } from 'node:fs'

/** After the system refused one, no more are asked for so long, ms. */
const refusedMs = 60_000

/** Told which name in the folder changed; undefined where that is not known. */
export type OnChange = (name: string | undefined) => void

interface Watch {
  watcher: FSWatcher
  /** Which folder it is, whatever is at its path by now. */
  of: FolderId
}

/** What a folder is known by: one that is made again where another one was has its inode's number as likely as not. */
type FolderId = Pick<BigIntStats, 'dev' | 'ino' | 'birthtimeNs'>

export class Watches {
  readonly #all = new Map<string, Watch>()
  #refusedAt = Number.NEGATIVE_INFINITY
  #isShort = false
  readonly #max: number

  constructor(max: number) {
    this.#max = Math.min(max, allowedBySystem())
  }

  /** Whether some folder could not be watched. */
  get areShort(): boolean {
    return this.#isShort
  }

  /**
   * Watches a folder under a key, if it is not watched under it yet. Another one may be at its path than before, with nobody told of it: a
   * disk that was mounted there, for one.
   */
  add(key: string, folder: string, of: FolderId, onChange: OnChange): void {
    if (this.isOn(key, of)) return
    this.remove(key)
    if (this.#all.size >= this.#max || performance.now() - this.#refusedAt < refusedMs) {
      this.#isShort = true
      return
    }
    try {
      const watcher = watch(folder, { persistent: true }, (_event, name) => onChange(name ?? undefined))
      watcher.on('error', () => this.#drop(key, watcher))
      this.#all.set(key, { watcher, of: { dev: of.dev, ino: of.ino, birthtimeNs: of.birthtimeNs } })
    } catch (error) {
      const { code } = error as { code?: string }
      // A folder that is gone or not ours is the walker's business.
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return
      this.#isShort = true
      this.#refusedAt = performance.now()
    }
  }

  /** Whether this very folder is watched under a key. */
  isOn(key: string, { dev, ino, birthtimeNs }: FolderId): boolean {
    const known = this.#all.get(key)?.of
    return known?.ino === ino && known.dev === dev && known.birthtimeNs === birthtimeNs
  }

  /** Nothing is watched under this key any more. */
  remove(key: string): void {
    const known = this.#all.get(key)
    if (known !== undefined) this.#drop(key, known.watcher)
  }

  /** Likewise under all keys that begin so. */
  removeAll(beginning: string): void {
    for (const [key, { watcher }] of this.#all) if (key.startsWith(beginning)) this.#drop(key, watcher)
  }

  #drop(key: string, watcher: FSWatcher): void {
    watcher.close()
    if (this.#all.get(key)?.watcher === watcher) this.#all.delete(key)
  }
}

/** Half of what the system gives one user: other programs watch too. */
function allowedBySystem(): number {
  try {
    const max = Number(readFileSync('/proc/sys/fs/inotify/max_user_watches', 'utf8'))
    return Number.isSafeInteger(max) && max > 0 ? Math.floor(max / 2) : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
