/**
 * Looking through shared folders: the whole of one, a part that is new, or names that an event was about.
 *
 * Rules: a folder is watched before it is read, so that nothing falls between; whole walks and events run side by side,
 * so what a walk did not see is looked at again before it counts as gone; the memory a walk needs grows with the largest
 * folder, not with their number.
 */

import { lstatSync, opendirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Batch } from './batch.js'
import type { Files } from './files.js'
import { isHidden, type Looked, lookAt } from './look.js'
import { Pace } from './pace.js'
import { Away } from './places.js'
import type { ShareRow } from './share-rows.js'
import type { Watches } from './watches.js'

/** Names of one folder that are looked at one by one; more, and the whole folder is. */
const mostNames = 1_000

export interface WalkerEvents {
  /** Something may have changed in a folder of a share. */
  changed(share: ShareRow, folder: string, name: string | undefined): void
  /** Something happened to the folder that is shared: all of it is to be looked through. */
  itself(share: ShareRow): void
}

const watched = (share: ShareRow, folder: string): string => `${share.n}/${folder}`
const below = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)

export class Walker {
  constructor(
    readonly files: Files,
    readonly batch: Batch,
    readonly watches: Watches,
    /** The state folder, with the device's key: never shared, wherever it is. */
    readonly own: string,
    readonly events: WalkerEvents,
    /** Whether a share is still shared. */
    readonly isShared: (share: ShareRow) => boolean,
    /** Whether its folder is where it was: asked before anything counts as gone. */
    readonly isHere: (share: ShareRow) => boolean,
  ) {}

  /**
   * Looks through a share, or through what is below one of its folders.
   * @returns whether the folder can be read
   * @throws Stopped when it is not shared any more, Away while its disk is
   */
  async walk(share: ShareRow, from = '', isGentle = false): Promise<boolean> {
    this.#mustBeHere(share)
    const pace = new Pace(isGentle, () => !this.isShared(share))
    const stack = [from]
    let isReadable = true
    for (let folder = stack.pop(); folder !== undefined; folder = stack.pop()) {
      const folders = await this.#readFolder(share, folder, pace)
      if (folders === undefined && folder === from) isReadable = false
      for (const each of folders ?? []) stack.push(each)
      await pace.between()
    }
    return isReadable
  }

  /** Looks at names of a folder that something happened to; without names, at the whole folder. @throws as {@link walk} */
  async look(share: ShareRow, folder: string, names: ReadonlySet<string> | undefined): Promise<void> {
    this.#mustBeHere(share)
    const pace = new Pace(false, () => !this.isShared(share))
    const n = this.files.knownFolder(share.n, folder)
    if (n === undefined) return
    if (names === undefined || names.size > mostNames) {
      await this.walk(share, folder)
      return
    }
    if (this.#isOfItself(share, folder, n, names)) this.events.itself(share)
    for (const name of names) {
      await this.#lookAtName(share, n, folder, name)
      await pace.between()
    }
  }

  /** Links of a share that lead nowhere. */
  deadLinks(share: ShareRow): { path: string; name: string }[] {
    const names = this.files.leftOutAs(share.n, 'unreadable')
    return names.filter(({ path, name }) => isLink(join(share.path, path, name)))
  }

  /** What happens to a watched folder itself is told under its own name. Of all but the share's first the one above it tells, too. */
  #isOfItself(share: ShareRow, folder: string, n: number, names: ReadonlySet<string>): boolean {
    const name = basename(share.path)
    if (folder !== '' || !names.has(name)) return false
    if (!this.#isWatched(share)) return true
    const isKnown = this.files.fileNamed(n, name) ?? this.files.knownFolder(share.n, name)
    const { is } = this.#lookAt(share, name)
    return isKnown === undefined && is !== 'file' && is !== 'folder'
  }

  /** Whether the folder that is shared is there, and is the one that is watched. */
  #isWatched(share: ShareRow): boolean {
    try {
      return this.watches.isOn(watched(share, ''), lstatSync(share.path, { bigint: true }))
    } catch {
      return false
    }
  }

  async #lookAtName(share: ShareRow, n: number, folder: string, name: string): Promise<void> {
    const path = below(folder, name)
    const looked = this.#lookAt(share, path)
    if (looked.is === 'unknown') return
    if (looked.is === 'file') this.files.see(share.n, n, name, looked.stats)
    else this.#loseName(share, n, name)
    if (looked.is === 'folder') {
      // It may be another one than before, and so may be all below it.
      for (const each of this.files.foldersBelow(share.n, path)) this.#unwatch(share, each.path)
      await this.walk(share, path)
    } else if (this.files.knownFolder(share.n, path) !== undefined) this.#loseFolder(share, path)
    this.files.leaveOutOne(n, name, looked.is === 'left-out' ? looked.why : undefined)
    this.batch.mayCommit()
  }

  /** Reads one folder. @returns the folders in it; undefined where it cannot be read */
  async #readFolder(share: ShareRow, folder: string, pace: Pace): Promise<string[] | undefined> {
    const path = join(share.path, folder)
    const entries = this.#open(share, folder, path)
    if (entries === undefined) return undefined
    const parent = folder === '' ? null : this.files.folderNumber(share.n, parentOf(folder))
    const n = this.files.folder(share.n, folder, parent)
    const seen = new Set<number>()
    const folders: string[] = []
    const leftOut: { name: string; why: string }[] = []
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        const { name } = entry
        if (isHidden(name)) continue
        const looked = this.#lookAt(share, below(folder, name))
        if (looked.is === 'file') seen.add(this.files.see(share.n, n, name, looked.stats))
        else if (looked.is === 'folder') folders.push(below(folder, name))
        else if (looked.is === 'left-out') leftOut.push({ name, why: looked.why })
        else if (looked.is === 'unknown') leftOut.push({ name, why: 'unreadable' })
        this.batch.mayCommit()
        await pace.between()
      }
    } catch (error) {
      // Half a folder is no ground for taking anything back.
      const { code } = error as { code?: unknown }
      if (typeof code === 'string' && !code.startsWith('SQLITE_')) return undefined
      throw error
    } finally {
      entries.closeSync()
    }
    for (const file of this.files.filesIn(n)) {
      if (!seen.has(file.n)) this.#loseUnlessThere(share, n, folder, file)
      this.batch.mayCommit()
    }
    const there = new Set(folders)
    for (const each of this.files.foldersIn(n)) {
      if (!there.has(each.path) && this.#isNoFolder(share, each.path)) this.#loseFolder(share, each.path)
    }
    this.files.leaveOut(n, leftOut)
    return folders
  }

  #open(share: ShareRow, folder: string, path: string) {
    try {
      // The share's own folder may have been replaced by a link to elsewhere.
      const stats = lstatSync(path, { bigint: true })
      if (!stats.isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOENT' })
      const changed = (name: string | undefined) => this.events.changed(share, folder, name)
      this.watches.add(watched(share, folder), path, stats, changed)
      return opendirSync(path, { bufferSize: 256 })
    } catch (error) {
      const { code } = error as { code?: string }
      // A disk that fails is no ground for taking anything back; a folder that is gone is.
      if (code === 'ENOENT' || code === 'ENOTDIR') this.#loseFolder(share, folder)
      if (code === 'EACCES' && folder !== '') {
        this.#loseFolder(share, folder)
        const parent = this.files.knownFolder(share.n, parentOf(folder))
        const name = folder.slice(folder.lastIndexOf('/') + 1)
        if (parent !== undefined) this.files.leaveOutOne(parent, name, 'unreadable')
      }
      return undefined
    }
  }

  #loseUnlessThere(share: ShareRow, n: number, folder: string, file: { n: number; name: string }): void {
    const path = below(folder, file.name)
    const looked = this.#lookAt(share, path)
    if (looked.is === 'file') this.files.see(share.n, n, file.name, looked.stats)
    else if (looked.is !== 'unknown') {
      this.#mustBeHere(share)
      this.files.lose(file.n)
    }
  }

  #isNoFolder(share: ShareRow, path: string): boolean {
    const looked = this.#lookAt(share, path)
    return looked.is !== 'folder' && looked.is !== 'unknown'
  }

  #lookAt(share: ShareRow, path: string): Looked {
    const file = join(share.path, path)
    return lookAt(share.path, path, file, this.own)
  }

  #loseName(share: ShareRow, folder: number, name: string): void {
    const n = this.files.fileNamed(folder, name)
    if (n === undefined) return
    this.#mustBeHere(share)
    this.files.lose(n)
  }

  #loseFolder(share: ShareRow, folder: string): void {
    this.#mustBeHere(share)
    for (const each of this.files.loseFolder(share.n, folder)) this.#unwatch(share, each)
    this.#unwatch(share, folder)
  }

  #mustBeHere(share: ShareRow): void {
    if (!this.isHere(share)) throw new Away()
  }

  #unwatch(share: ShareRow, folder: string): void {
    this.watches.remove(watched(share, folder))
  }
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink()
  } catch {
    return false
  }
}

const parentOf = (folder: string): string => {
  const slash = folder.lastIndexOf('/')
  return slash < 0 ? '' : folder.slice(0, slash)
}
