/**
 * A disk that fails, and a process that is killed at the moments that count. Each fault is injected by strace
 * into a program of its own; all of them, at every call, are in faults/every-fault.ts.
 */

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { hashSource, openPart, openSource, place } from '../../bytes/index.js'
import { attempt } from './attempt.js'
import { canInject, FaultRig } from './faults/fault.js'
import { Folder } from './folder.js'
import { createRandom } from './random.js'

const blockBytes = 65_536

describe('receiving, with a disk that fails or a process that dies', function () {
  this.timeout(180_000)
  let rig: FaultRig
  before(function () {
    if (canInject) rig = new FaultRig(6 * blockBytes + 5, blockBytes)
    else {
      console.warn('      skipped: strace is needed to inject faults (Debian: apt install strace)')
      this.skip()
    }
  })
  after(() => rig?.remove())

  const told: Record<string, string> = { ENOSPC: 'no-space', EDQUOT: 'no-space', EFBIG: 'too-large' }

  const errors: Record<string, string[]> = {
    'a block or a record cannot be written (case 95, P20)': [
      'pwrite64:error=ENOSPC:when=2',
      'pwrite64:error=EDQUOT:when=5',
      'pwrite64:error=EFBIG:when=5',
      'pwrite64:error=EROFS:when=4',
    ],
    'the ledger cannot be begun (case 95, P20)': ['pwrite64:error=ENOSPC:when=1'],
    'what was written cannot be written back: none of it is believed again (case 95, P20)': [
      'fsync:error=EIO:when=1',
    ],
    'the folder cannot be written back (case 95, P6)': ['fsync:error=EIO:when=2'],
    'the name cannot be made (case 95, P20)': ['link:error=ENOSPC:when=1+', 'link:error=EROFS:when=1+'],
  }
  for (const [what, injections] of Object.entries(errors)) {
    it(`says so and goes on later where ${what}`, async () => {
      for (const inject of injections) {
        const { first, second, wrong } = await rig.fault(inject)
        expect(wrong, inject).to.deep.equal([])
        const code = inject.match(/error=(\w+)/)![1]!
        expect(first.told?.code, inject).to.equal(told[code] ?? 'io')
        if (inject.startsWith('fsync') && inject.endsWith('when=1'))
          expect(second!.told!.held, inject).to.equal(0)
      }
    })
  }

  it('believes nothing of a range whose writing back failed meanwhile, and all of the range before (case 95, P20)', async () => {
    const mebibyte = 2 ** 20
    // Within the last 48 MiB the steps are smaller.
    const large = new FaultRig(84 * mebibyte, mebibyte)
    try {
      // The first such call is that of the source, the second covers the first 16 MiB.
      const early = await large.fault('fdatasync:error=EIO:when=2')
      expect(early.wrong).to.deep.equal([])
      expect(early.first.told?.code).to.equal('io')
      expect(early.second!.told!.held).to.equal(0)
      const late = await large.fault('fdatasync:error=EIO:when=3')
      expect(late.wrong).to.deep.equal([])
      // A slow disk may not have come to a third before all was there.
      if (late.first.told?.code === 'io')
        expect(late.second!.told!.held).to.be.within(16 * mebibyte, 83 * mebibyte)
      const killed = await large.fault('fdatasync:signal=KILL:when=2')
      expect(killed.wrong).to.deep.equal([])
      expect(killed.second!.told!.held).to.be.at.least(16 * mebibyte)
    } finally {
      large.remove()
    }
  })

  it('is placed without links where the file system has none, and never onto what exists (case 88, P2)', async () => {
    for (const inject of ['link:error=EPERM:when=1+', 'link:error=EACCES:when=1+']) {
      const { first, wrong } = await rig.fault(inject)
      expect(wrong, inject).to.deep.equal([])
      expect(first.told?.path).to.equal('f (1).bin')
    }
  })

  it('is placed though its part file’s name cannot be taken away', async () => {
    const { first, wrong } = await rig.fault('unlink:error=EROFS:when=1+')
    expect(wrong).to.deep.equal([])
    expect(first.told?.path).to.equal('f (1).bin')
  })

  it('ends with one file, the right one, when it is killed at a write, fsync, link or unlink (case 93, P1, P2, P6)', async () => {
    for (const inject of [
      'pwrite64:signal=KILL:when=1',
      'pwrite64:signal=KILL:when=6',
      'pwrite64:signal=KILL:when=7',
      'fsync:signal=KILL:when=1',
      'link:signal=KILL:when=1',
      'link:signal=KILL:when=2',
      'fsync:signal=KILL:when=2',
      'unlink:signal=KILL:when=1',
      'unlink:signal=KILL:when=2',
    ]) {
      const { first, wrong } = await rig.fault(inject)
      expect(first.killed, inject).to.equal(true)
      expect(wrong, inject).to.deep.equal([])
    }
  })

  it('ends so too without links, killed at the placeholder or the rename (case 93, P1, P2)', async () => {
    const noLinks = 'link:error=EPERM:when=1+'
    for (const inject of [
      'rename:signal=KILL:when=1',
      'unlink:signal=KILL:when=1',
      'fsync:signal=KILL:when=2',
      'pwrite64:signal=KILL:when=18',
    ]) {
      const { first, wrong } = await rig.fault(`${noLinks} ${inject}`)
      expect(first.killed, inject).to.equal(true)
      expect(wrong, inject).to.deep.equal([])
    }
  })

  it('has its bytes on the disk before its name, and its name before the old one goes (case 92, P1)', async () => {
    rig.clear()
    const { trace } = await rig.run(undefined, 'openat,fsync,link,unlink')
    const lines = trace.split('\n').map((line) => line.replace(/^\d+ +/, ''))
    const opened = (name: RegExp): string => lines.find((line) => name.test(line))!.match(/= (\d+)$/)![1]!
    const part = opened(/openat.*\.part", O_RDWR/)
    const inbox = opened(/openat.*inbox", O_RDONLY\|O_CLOEXEC/)
    const at = (call: RegExp): number => {
      const found = lines.findLastIndex((line) => call.test(line))
      expect(found, String(call)).to.be.greaterThan(-1)
      return found
    }
    const order = [
      at(new RegExp(`^fsync\\(${part}[) ]`)),
      at(/^link\(.*\.part".*f \(1\)\.bin"\) += 0/),
      at(new RegExp(`^fsync\\(${inbox}[) ]`)),
      at(/^unlink\(.*\.part"/),
      at(/^unlink\(.*\.ledger"/),
    ]
    expect(order).to.deep.equal(order.toSorted((a, b) => a - b))
  })

  it('survives power loss: whatever of the unsynced bytes and of the ledger is gone, it ends identical (case 92, P1, P3)', async () => {
    const random = createRandom()
    for (let round = 0; round < 4; round++) {
      rig.clear()
      await rig.run('fsync:signal=KILL:when=1')
      const left = readdirSync(rig.inbox).find((name) => name.endsWith('.part'))!
      const path = join(rig.inbox, left)
      const bytes = readFileSync(path)
      for (let page = 0; page * 4096 < bytes.length; page++) {
        if (random.below(20) === 0) bytes.subarray(page * 4096, (page + 1) * 4096).fill(0)
      }
      writeFileSync(path, bytes.subarray(0, bytes.length - random.below(2) * random.below(bytes.length)))
      const ledger = path.replace(/part$/, 'ledger')
      if (random.below(3) === 0) rmSync(ledger)
      else truncateSync(ledger, random.below(readFileSync(ledger).length))
      const { told } = await rig.run()
      expect(told?.path, `seed ${random.seed}`).to.equal('f (1).bin')
      expect(rig.wrong, `seed ${random.seed}`).to.deep.equal([])
    }
  })

  it('publishes no other file that is swapped in just before the name is made (case 89, P1)', async () => {
    for (const swap of [
      (part: string) => writeFileSync(part, 'another'),
      (part: string) => symlinkSync(join(rig.folder, 'source'), part),
    ]) {
      // On a busy machine the name may be made before this process had its turn to swap: then once more, held up for longer.
      for (let heldUpMs = 500, isSwapped = false; !isSwapped; heldUpMs *= 2) {
        rig.clear()
        let isOver = false
        const ran = rig.run(`link:delay_enter=${heldUpMs * 1_000}:when=1+`).finally(() => {
          isOver = true
        })
        // Its usual mode is the last that a part file gets before its name, which is held up.
        let part: string | undefined
        while (part === undefined && !isOver) {
          await new Promise((resolve) => setImmediate(resolve))
          const left = readdirSync(rig.inbox).find((name) => name.endsWith('.part'))
          const path = join(rig.inbox, left ?? '')
          const mode = statSync(path, { throwIfNoEntry: false })?.mode
          if (left !== undefined && mode !== undefined && (mode & 0o044) !== 0) part = path
        }
        if (part !== undefined) {
          rmSync(part, { force: true })
          swap(part)
        }
        isSwapped = part !== undefined && !existsSync(join(rig.inbox, 'f (1).bin'))
        const { told } = await ran
        if (isSwapped) expect(told?.code).to.equal('part-lost')
      }
      expect(readdirSync(rig.inbox).filter((name) => !name.startsWith('.'))).to.deep.equal(['f.bin'])
      expect(rig.wrong).to.deep.equal([])
    }
  })

  it('says too-large where a file may not grow so far (case 95, P20)', async () => {
    rig.clear()
    const { told } = await rig.run(undefined, 'none', 'ulimit -f 128')
    expect(told?.code).to.equal('too-large')
    const { told: later } = await rig.run()
    expect(later?.path).to.equal('f (1).bin')
    expect(later?.held).to.equal(2 * blockBytes)
  })

  it('says io where no file can be opened any more, whichever it is (case 95, P20)', async () => {
    for (const limit of [19, 20, 21]) {
      rig.clear()
      const { told } = await rig.run(undefined, 'none', `ulimit -n ${limit}`)
      // With fewer, the program itself cannot begin.
      if (told === undefined) continue
      expect(told.path ?? told.code).to.be.oneOf(['io', 'f (1).bin'])
      expect(told.leaked).to.equal(0)
      expect(rig.wrong).to.deep.equal([])
    }
  })
})

describe('receiving onto a disk that is full or read-only', () => {
  let folder: Folder
  let disk: string
  let mounted = false
  before(function () {
    folder = new Folder()
    disk = folder.folder('disk')
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk], { stdio: 'pipe' })
      mounted = true
    } catch {
      console.warn('      skipped: a small disk needs the right to mount one')
      this.skip()
    }
  })
  after(() => {
    if (mounted) execFileSync('umount', [disk])
    folder.remove()
  })

  it('is refused before it begins where there is no room, suspended where room ends, and goes on when there is some (case 95, P20)', async () => {
    const filesize = 4 * 2 ** 20
    const content = folder.file('source', filesize)
    const source = await openSource(folder.at('source'), { blockBytes })
    const root = await hashSource(source)
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize, blockBytes, root }
    const part = await openPart({ dir: disk, transfer })
    writeFileSync(join(disk, 'other'), Buffer.alloc(3 * 2 ** 20))
    const refused = await openPart({ dir: disk, transfer }).catch((error) => error)
    expect(refused.code).to.equal('no-space')
    const outcome = await attempt(source, part)
    expect(outcome.failed?.code).to.equal('no-space')
    expect(outcome.serveFailed?.code).to.equal('stopped')
    const existing = part.path
    const held = part.heldBytes
    expect(held).to.be.greaterThan(2 * 2 ** 20)
    await part.close()
    rmSync(join(disk, 'other'))
    const again = await openPart({ dir: disk, transfer, existing })
    expect(again.heldBytes).to.be.at.least(held)
    const begun = again.heldBytes
    const last = await attempt(source, again)
    expect(last.bytesSent).to.equal(filesize - begun)
    const { path } = await place(again, { dir: disk, filename: 'f', root })
    expect(readFileSync(path).equals(content)).to.equal(true)
    rmSync(path)
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const readOnly = await openPart({ dir: disk, transfer }).catch((error) => error)
    expect(readOnly.code).to.equal('io')
    expect(readOnly.cause.code).to.equal('EROFS')
    execFileSync('mount', ['-o', 'remount,rw', disk])
    expect(readdirSync(disk)).to.deep.equal([])
    source.close()
  })
})
