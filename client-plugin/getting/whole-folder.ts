/**
 * All files below a folder that somebody shares, one after the other, each with the place here that it is to get: the same
 * folders are made below `into`.
 *
 * Rules: a page of the list is held at a time, however many there are; where the component was started again in between, the list goes
 * on after the last file that was told; folders' names are strangers' words and made safe, and no link is followed that
 * stands where a folder is to be (P13); what is there already is not asked for.
 */

import { lstat, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { syncFolder, systemCode } from '../../bytes/index.js'
import { safeName } from '../../protocol/names.js'
import type { AcceptOptions, FileTransfer, FolderItem, SharedFolder, WantedFile } from '../api.js'
import { FileTransferError } from '../errors.js'
import { localPath } from '../options.js'
import { localTrouble } from '../transfer/local-trouble.js'
import { lastName } from './draft-get.js'
import { contentThere } from './there.js'

/** The component is away, or is asked too often: so long until the next try, ms; doubled up to the longest. */
const firstWaitMs = 500
const longestWaitMs = 8_000
const perPage = 100

type FileItem = Extract<FolderItem, { kind: 'file' }>

/**
 * The files below a folder (`''`: the whole share), in the catalogue's order, each to be given to `get`. The folders here are made on
 * the way. Of the options `path` means nothing here.
 * @throws FileTransferError `not-found` where there is no such folder for us; `no-such-folder`, `cancelled`, …
 */
export async function* wholeFolder(
  { catalogue }: Pick<FileTransfer, 'catalogue'>,
  { peer, share, path }: SharedFolder,
  { into, filename, onConflict = 'rename', signal }: AcceptOptions,
): AsyncGenerator<WantedFile, void, void> {
  const base = localPath(into)
  const isFolder = await stat(base).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) throw new FileTransferError('no-such-folder', base)
  const top = filename ?? (path === '' ? share : lastName(path))
  const start = path === '' ? 0 : path.length + 1
  const made = new Folders(base)
  for await (const item of filesBelow(catalogue, { peer, share, path }, signal)) {
    const { root, size: filesize } = item
    const wanted = { peer, share, path: item.path, root, filesize }
    const folders = [top, ...item.path.slice(start).split('/').slice(0, -1)]
    yield await placed(wanted, made, folders, onConflict, signal)
  }
}

/** Makes the folders that the file is to be in, and looks whether it is there. */
async function placed(
  wanted: WantedFile['wanted'],
  made: Folders,
  folders: readonly string[],
  onConflict: NonNullable<AcceptOptions['onConflict']>,
  signal: AbortSignal | undefined,
): Promise<WantedFile> {
  let into = made.base
  try {
    into = await made.folder(folders)
    const destination = { dir: into, filename: lastName(wanted.path), onConflict }
    const there = await contentThere(destination, wanted.root, wanted.filesize, signal)
    return { wanted, into, ...(there && { there: there.path }) }
  } catch (error) {
    if (signal?.aborted) throw new FileTransferError('cancelled', undefined, { cause: signal.reason })
    return { wanted, into, trouble: localTrouble(error) }
  }
}

async function* filesBelow(
  catalogue: FileTransfer['catalogue'],
  { peer, share, path }: SharedFolder,
  signal: AbortSignal | undefined,
): AsyncGenerator<FileItem, void, void> {
  let after: string | undefined
  let last: string | undefined
  /** What was told before is passed over, up to this one. */
  let until: string | undefined
  for (;;) {
    const mark = after === undefined ? {} : { after }
    const asked = { ...mark, ...(signal && { signal }), max: perPage, deep: true }
    const page = await patiently(
      () => catalogue.browse(peer, share, path, asked),
      signal,
      after !== undefined,
    )
    if (page === undefined) {
      // No mark outlives the component's process.
      after = undefined
      until = last
      continue
    }
    for (const item of page.items) {
      if (item.kind !== 'file') continue
      if (until === undefined) {
        last = item.path
        yield item
      } else if (item.path === until) until = undefined
    }
    after = page.next
    if (after !== undefined) continue
    if (until === undefined) return
    // It is gone meanwhile: all of it once more; what is there by now is not fetched.
    last = undefined
    until = undefined
  }
}

/** Asks until there is an answer. @returns undefined where there is none for this mark any more */
async function patiently<T>(
  ask: () => Promise<T>,
  signal: AbortSignal | undefined,
  isMarked: boolean,
): Promise<T | undefined> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
    try {
      return await ask()
    } catch (error) {
      const { code } = error as FileTransferError
      if (code === 'not-found' && isMarked) return undefined
      if (code !== 'too-fast' && code !== 'component-away') throw error
      await delay(waitMs, undefined, signal && { signal }).catch(() => {
        throw new FileTransferError('cancelled')
      })
    }
  }
}

/** Folders below one: there, or made. The files of a list come folder by folder: what was looked at for the one before is not again. */
class Folders {
  /** Those of the file before, and where the last of them is. */
  #last: { folders: readonly string[]; path: string } | undefined

  constructor(readonly base: string) {}

  /** @returns its path @throws FileTransferError `bad-name`, `no-such-folder`, `no-space` */
  async folder(folders: readonly string[]): Promise<string> {
    const { base } = this
    const last = this.#last
    const isSame =
      last?.folders.length === folders.length && folders.every((one, at) => one === last.folders[at])
    if (isSame && (await isFolderItself(last.path))) return last.path
    this.#last = undefined
    let path = base
    for (const folder of folders) path = await made(path, folder)
    this.#last = { folders, path }
    return path
  }
}

/** A folder in a folder: there, or made. @throws FileTransferError `bad-name`, `no-such-folder`, `no-space` */
async function made(dir: string, name: string): Promise<string> {
  const safe = safeName(name)
  if (!safe.ok) throw new FileTransferError('bad-name')
  const path = join(dir, safe.name)
  const isMade = await mkdir(path).then(
    () => true,
    (error: unknown) => {
      const why = systemCode(error)
      if (why === 'EEXIST') return false
      const code = why === 'ENOSPC' || why === 'EDQUOT' ? 'no-space' : 'no-such-folder'
      throw new FileTransferError(code, path, { cause: error })
    },
  )
  // What is received is durable before it is said to be there: so are the folders that it is in (P6).
  if (isMade) await syncFolder(dir)
  // Wherever a link leads, it is not here.
  if (!(await isFolderItself(path))) throw new FileTransferError('no-such-folder', path)
  return path
}

async function isFolderItself(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
