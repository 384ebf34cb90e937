/** What a receiving side holds, seen from outside: the blocks that its ledger names, read while it is being written. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const magic = 'jabberfs ledger 1\n'
const recordBytes = 48

/** How many blocks are noted as proven in the one ledger of a folder; none where there is no ledger. */
export function blocksHeldIn(folder: string): number {
  const name = readdirSync(folder).find((each) => each.endsWith('.ledger'))
  if (name === undefined) return 0
  let bytes: Buffer
  try {
    bytes = readFileSync(join(folder, name))
  } catch {
    return 0
  }
  if (bytes.length < magic.length + 4) return 0
  const first = magic.length + 4 + bytes.readUInt32BE(magic.length) + 8
  const proven = new Set<number>()
  for (let at = first; at + recordBytes <= bytes.length; at += recordBytes) {
    if (bytes[at] === 1) proven.add(Number(bytes.readBigUInt64BE(at) & 0xff_ffff_ffff_ffffn))
  }
  return proven.size
}
