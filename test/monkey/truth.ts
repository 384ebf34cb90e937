/**
 * What a shared folder holds, looked at without any of the code under test: each file that others are to be shown, with its size, time
 * and root, after the rules of docs/catalogue.md and of what is left out (case 54).
 */

import { lstatSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { createBLAKE3 } from 'hash-wasm'

/** A file as others are to see it. */
export interface Entry {
  size: number
  /** Whole seconds since 1970. */
  modified: number
  /** 64 hex. */
  root: string
}

const blake3 = await createBLAKE3()
const mebibyte = 2 ** 20

/** The root, as docs/protocol.md, "Blocks and root", has it; files here are small, so a block is 1 MiB. */
export function rootOf(content: Buffer): string {
  const parts = [Buffer.from('jabberfs root 1\n'), Buffer.alloc(8)]
  parts[1]!.writeBigUInt64BE(BigInt(content.length))
  for (let at = 0; at < content.length; at += mebibyte) {
    parts.push(
      Buffer.from(
        blake3
          .init()
          .update(content.subarray(at, at + mebibyte))
          .digest('binary'),
      ),
    )
  }
  return blake3.init().update(Buffer.concat(parts)).digest('hex')
}

/** @returns path → entry; where the folder cannot be read or is not there: undefined, since then what was published stays */
export function held(folder: string): Map<string, Entry> | undefined {
  const found = new Map<string, Entry>()
  const visit = (below: string[]): boolean => {
    let names: Buffer[]
    try {
      names = readdirSync(join(folder, ...below), { encoding: 'buffer' })
    } catch {
      return false
    }
    for (const bytes of names) {
      const name = bytes.toString('utf8')
      // No UTF-8: nobody could ask for it.
      if (!Buffer.from(name).equals(bytes) || !isCarried([...below, name])) continue
      const path = join(folder, ...below, name)
      const stats = tried(() => lstatSync(path))
      if (stats?.isDirectory()) visit([...below, name])
      else if (stats !== undefined) {
        const entry = tried(() => fileAt(folder, path, stats))
        if (entry !== undefined) found.set([...below, name].join('/'), entry)
      }
    }
    return true
  }
  return visit([]) ? found : undefined
}

function fileAt(folder: string, path: string, stats: Stats): Entry | undefined {
  const real = realpathSync(path)
  if (stats.isSymbolicLink()) {
    if (!real.startsWith(folder + sep)) return undefined
    const names = real.slice(folder.length + 1).split(sep)
    if (names.some((name) => name.startsWith('.'))) return undefined
  }
  const { size, mtimeMs } = statSync(real)
  if (!statSync(real).isFile()) return undefined
  const content = readFileSync(real)
  if (content.length !== size) throw new Error(`${path} is being written to`)
  return { size, modified: Math.max(0, Math.floor(mtimeMs / 1_000)), root: rootOf(content) }
}

/** What the language carries: a line of XML, of names that are not hidden. */
function isCarried(names: string[]): boolean {
  const path = names.join('/')
  if (names.length > 33 || [...path].length > 1_024) return false
  if (names.some((name) => name.startsWith('.') || [...name].length > 255)) return false
  return !/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(path)
}

function tried<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === undefined) throw error
    return undefined
  }
}
