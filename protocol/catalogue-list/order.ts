/** The order of a list: by folder, then by name, each by code point, so that a list has one form. */

/** Orders by code point, which is the order of UTF-8; JavaScript's own is that of UTF-16. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    let x = a.charCodeAt(at)
    let y = b.charCodeAt(at)
    if (x === y) continue
    // Surrogates stand for what is above all the rest.
    if (x >= 0xd800 && x <= 0xdfff) x += 0x10000
    if (y >= 0xd800 && y <= 0xdfff) y += 0x10000
    return x - y
  }
  return a.length - b.length
}

/** Splits a path into the folder, empty for the share's first, and the name in it. */
export function parts(path: string): [folder: string, name: string] {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)]
}

/** Orders entries as a list has them: by folder, then by name. */
export function inListOrder(a: { path: string }, b: { path: string }): number {
  const [folderA, nameA] = parts(a.path)
  const [folderB, nameB] = parts(b.path)
  return byCodePoint(folderA, folderB) || byCodePoint(nameA, nameB)
}
