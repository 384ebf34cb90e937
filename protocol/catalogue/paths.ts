/**
 * Paths inside a share: names with `/` between, none empty, none `.` or `..`, no control characters. What a path names
 * is only shown and searched here; whoever makes a file of a name makes it safe for itself.
 */

/** Characters (code points) of a path, and of one name in it. */
const maxPathLength = 1_024
const maxNameLength = 255
/** Folders above a file. */
export const maxDepth = 32

const unfit =
  /[\x00-\x1f\x7f-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Folder (`''` for the share itself) and name of a path; `undefined` if it is none. */
export function splitPath(path: string): { folder: string; name: string } | undefined {
  if (isLonger(path, maxPathLength) || unfit.test(path)) return undefined
  const names = path.split('/')
  if (names.length > maxDepth + 1) return undefined
  if (names.some((name) => name === '' || name === '.' || name === '..' || isLonger(name, maxNameLength))) {
    return undefined
  }
  const cut = path.lastIndexOf('/')
  return { folder: cut < 0 ? '' : path.slice(0, cut), name: path.slice(cut + 1) }
}

/** Counts code points only where counting units does not say it already. */
function isLonger(text: string, max: number): boolean {
  if (text.length <= max) return false
  return text.length > 2 * max || [...text].length > max
}

/** The folder above a folder that is not `''`. */
export function parentOf(folder: string): string {
  const cut = folder.lastIndexOf('/')
  return cut < 0 ? '' : folder.slice(0, cut)
}
