/**
 * A folder whose files may be asked for by name. Never by path: a wanted name is compared with the names that
 * are in the folder, and only what is found there is opened. Hidden files (our own part files too), folders and
 * links are not in it.
 *
 * Rule: it is looked at in the thread pool, by one request at a time: a mount that does not answer keeps those who ask for its files
 * waiting, and one thread, and nobody else.
 */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export class ServedFolder {
  /** Settles when the look that is under way is over, and all that wait for it. */
  #before: Promise<unknown> = Promise.resolve()

  /** @param folder absolute */
  constructor(readonly folder: string) {}

  /** @returns the path of the file with this name, undefined when the folder holds none. Rejects where it cannot be read */
  find(wanted: string): Promise<string | undefined> {
    const found = this.#before.then(() => this.#find(wanted))
    this.#before = found.catch(() => undefined)
    return found
  }

  async #find(wanted: string): Promise<string | undefined> {
    const names = await readdir(this.folder)
    // The same name may be spelt in two ways (é as one sign or two): the exact one goes first.
    const alike = names.filter((each) => each.normalize() === wanted.normalize())
    for (const name of [...alike.filter((each) => each === wanted), ...alike]) {
      const path = join(this.folder, name)
      if (!name.startsWith('.') && (await isFile(path))) return path
    }
    return undefined
  }
}

/** Whether it is a file itself, and not what a link leads to. */
async function isFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isFile(),
    // Gone meanwhile.
    () => false,
  )
}
