/**
 * Every fault at every call: a program that receives a file is run once for each call that touches its files,
 * with each error that the call may give, and once to be killed there. Takes some minutes.
 *
 * usage: node dist/test/bytes/faults/every-fault.js [--json] [NAME…]   (names of calls; default: all)
 */

import { canInject, FaultRig } from './fault.js'

const errors: Record<string, readonly string[]> = {
  openat: ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EACCES', 'EROFS', 'EIO'],
  pwrite64: ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS'],
  pread64: ['EIO'],
  statx: ['EIO', 'EACCES'],
  statfs: ['EIO', 'ENOSYS'],
  fsync: ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'],
  fdatasync: ['EIO', 'ENOSPC', 'EDQUOT'],
  ftruncate: ['EIO'],
  fchmod: ['EIO', 'EPERM'],
  link: ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EIO', 'EPERM', 'EMLINK', 'ENAMETOOLONG'],
  rename: ['EIO', 'ENOSPC', 'EROFS'],
  unlink: ['EIO', 'EROFS', 'EACCES'],
}
/** Without links, the placeholder and the rename take their place. */
const settings = ['', 'link:error=EPERM:when=1+ ']
const mebibyte = 2 ** 20

if (!canInject) {
  console.error('strace is needed to inject faults (Debian: apt install strace)')
  process.exit(1)
}
const wished = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const json = process.argv.includes('--json')
// Small blocks, and for writing back meanwhile large ones.
const rigs = [new FaultRig(5 * 65_536 + 7, 65_536), new FaultRig(34 * mebibyte, mebibyte)]
const rows: { name: string; faults: number; missed: number; wrong: number }[] = []

for (const [call, codes] of Object.entries(errors)) {
  if (wished.length > 0 && !wished.includes(call)) continue
  const row = { name: call, faults: 0, missed: 0, wrong: 0 }
  const rig = call === 'fdatasync' ? rigs[1]! : rigs[0]!
  for (const setting of settings) {
    rig.clear()
    const { trace } = await rig.run(setting, call)
    for (const when of whensIn(trace, call)) {
      if (setting !== '' && call === 'link') continue
      for (const what of [...codes.map((code) => `error=${code}`), 'signal=KILL']) {
        const { first, wrong } = await rig.fault(`${setting}${call}:${what}:when=${when}`)
        row.faults += 1
        // A call of the program's own beginning was hit, not one of ours.
        if (first.told === undefined && !first.killed) {
          row.missed += 1
          continue
        }
        row.wrong += wrong.length > 0 ? 1 : 0
        if (wrong.length > 0) console.error(`${setting}${call}:${what}:when=${when}: ${wrong.join('; ')}`)
      }
    }
  }
  rows.push(row)
  if (!json) console.log(`${call}: ${row.faults} faults, ${row.missed} beside the point, ${row.wrong} wrong`)
}
for (const rig of rigs) rig.remove()
if (json) console.log(JSON.stringify({ rows }))
process.exitCode = rows.some((row) => row.wrong > 0) ? 1 : 0

/** Which calls of that kind concern our files: numbers, as strace counts them, thread by thread. */
function whensIn(trace: string, call: string): number[] {
  const counts = new Map<string, number>()
  const whens: number[] = []
  let begun = false
  for (const line of trace.split('\n')) {
    const [, thread, called] = /^(\d+) +(\w+)\(/.exec(line) ?? []
    if (thread === undefined || called !== call) continue
    const n = (counts.get(thread) ?? 0) + 1
    counts.set(thread, n)
    begun ||= /jabberfs-fault-/.test(line) || !['openat', 'statx'].includes(call)
    if (begun && !/node_modules|\/dist\/|\/usr|"\/proc\/self\/fd"|\/dev\/null/.test(line)) whens.push(n)
  }
  return [...new Set(whens)]
}
