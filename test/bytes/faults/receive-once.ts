/**
 * A program for trials: receives one file into a folder as a client would, journal and all, and says what
 * came of it as one line of JSON. It is run below strace, which lets calls fail or kills it at one of them.
 *
 * usage: receive-once.js SOURCE INBOX BLOCKBYTES
 */

import { readdirSync } from 'node:fs'
import { hashSource, openPart, openSource, place, recoverPlaced } from '../../../bytes/index.js'
import { attempt } from '../attempt.js'

const [sourcePath, dir, size] = process.argv.slice(2) as [string, string, string]
const blockBytes = Number(size)

/** What a program keeps in its journal: here the folder itself tells. */
const left = readdirSync(dir).find((name) => name.endsWith('.part'))
const leftLedger = readdirSync(dir).find((name) => name.endsWith('.ledger'))
const existing = left ?? leftLedger?.replace(/ledger$/, 'part')
const openFiles = (): number => readdirSync('/proc/self/fd').length

const source = await openSource(sourcePath, { blockBytes })
const root = await hashSource(source)
const before = openFiles()
const { filesize } = source
const transfer = { sid: 'fault', peer: 'p', filename: 'f.bin', filesize, root, blockBytes }
let bytesSent = 0
let held = 0

async function run(): Promise<{ path: string }> {
  if (existing !== undefined) {
    const placed = await recoverPlaced({ part: existing, dir, filename: 'f.bin', filesize, root, blockBytes })
    if (placed !== undefined) return placed
  }
  const part = await openPart({ dir, transfer, ...(left !== undefined && { existing: left }) })
  try {
    held = part.heldBytes
    const outcome = await attempt(source, part)
    bytesSent = outcome.bytesSent
    if (outcome.failed !== undefined) throw outcome.failed
    return await place(part, { dir, filename: 'f.bin', root })
  } finally {
    await part.close()
  }
}

const result = await run().then(
  ({ path }) => ({ path: path.slice(dir.length + 1) }),
  (error) => ({ code: error.code as string, message: error.message as string }),
)
const leaked = openFiles() - before
source.close()
console.log(JSON.stringify({ ...result, bytesSent, held, leaked }))
