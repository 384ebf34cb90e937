/**
 * A folder whose files may be asked for by name. Never by path: a wanted name is compared with the names that
 * are in the folder, and only what is found there is opened. Hidden files (our own part files too), folders and
 * links are not in it.
 */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** @returns the path of the file with this name, undefined when the folder holds none. */
export function findShared(folder: string, wanted: string): string | undefined {
  const names = sharedNames(folder)
  // The same name may be spelt in two ways (é as one sign or two): the exact one goes first.
  const name =
    names.find((each) => each === wanted) ?? names.find((each) => each.normalize() === wanted.normalize())
  return name === undefined ? undefined : join(folder, name)
}

/** The names that may be asked for. */
export function sharedNames(folder: string): string[] {
  return readdirSync(folder).filter((name) => {
    if (name.startsWith('.')) return false
    try {
      return lstatSync(join(folder, name)).isFile()
    } catch {
      return false // gone meanwhile
    }
  })
}
