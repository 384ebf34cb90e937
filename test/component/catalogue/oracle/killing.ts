/** Lets a process of its own publish, and kills it once that was answered and it is in the middle of a whole list. */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Change, ShareName } from '../../../../component/catalogue/values.js'

const program = fileURLToPath(new URL('killed.js', import.meta.url))

export async function publishAndBeKilled(path: string, name: ShareName, change: Change): Promise<void> {
  const { peer, device, share } = name
  const said = JSON.stringify({ path, name: { peer, device, share }, change })
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => {})
  child.stdin.end(said)
  let isAnswered = false
  child.stdout.on('data', (words: Buffer) => {
    isAnswered ||= String(words).includes('now')
    if (isAnswered) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  if (!isAnswered) throw new Error('it ended before it had published')
}
