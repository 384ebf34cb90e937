/**
 * Giving a received file its name: never onto what exists, never elsewhere, never twice.
 */

import { execFileSync } from 'node:child_process'
import fs, {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  findExisting,
  hashSource,
  openPart,
  openSource,
  type PartFile,
  place,
  recoverPlaced,
  type Source,
} from '../../bytes/index.js'
import { attempt } from './attempt.js'
import { Folder } from './folder.js'

const blockBytes = 4096
const filesize = 20 * blockBytes + 3
const filename = 'my girl.jpg'

describe('a received file', () => {
  let folder: Folder
  let content: Buffer
  let source: Source
  let root: Uint8Array
  let part: PartFile
  const transfer = { sid: 's', peer: 'p', filename, filesize, blockBytes }
  const inbox = (name: string): string => join(folder.inbox, name)

  beforeEach(async () => {
    folder = new Folder()
    content = folder.file('source', filesize)
    source = await openSource(folder.at('source'), { blockBytes })
    root = await hashSource(source)
    part = await openPart({ dir: folder.inbox, transfer })
  })
  afterEach(async () => {
    await part.close()
    source.close()
    folder.remove()
  })

  const receiveAll = () => attempt(source, part)
  const placeIt = (options: { onConflict?: 'rename' | 'skip'; filename?: string; dir?: string } = {}) =>
    place(part, { dir: folder.inbox, filename, root, ...options })
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error) => error.code,
    )

  it('is hidden and private while it comes, and has a file’s usual mode when it is placed', async () => {
    const [hidden] = folder.received
    expect(hidden).to.match(/^\.jabberfs-[0-9a-f]{16}\.ledger$/)
    expect(statSync(part.path).mode & 0o777).to.equal(0o600)
    await receiveAll()
    const { path } = await placeIt()
    expect(statSync(path).mode & 0o777).to.equal(0o666 & ~process.umask())
    expect(part.closed).to.equal(true)
  })

  it('takes the next free name where names are taken, by whatever it is (case 88, P2)', async () => {
    writeFileSync(inbox(filename), 'old')
    mkdirSync(inbox('my girl (1).jpg'))
    symlinkSync('/nowhere', inbox('my girl (2).jpg'))
    execFileSync('mkfifo', [inbox('my girl (3).jpg')])
    await receiveAll()
    const { path } = await placeIt()
    expect(path).to.equal(inbox('my girl (4).jpg'))
    expect(readFileSync(path).equals(content)).to.equal(true)
    expect(readFileSync(inbox(filename), 'utf8')).to.equal('old')
    expect(existsSync('/nowhere')).to.equal(false)
    expect(folder.received).to.have.length(5)
  })

  it('does so where the name appears in the middle of the transfer (case 88, P2)', async () => {
    await attempt(source, part, { receive: { onProgress: () => writeFileSync(inbox(filename), 'new') } })
    expect((await placeIt()).path).to.equal(inbox('my girl (1).jpg'))
    expect(readFileSync(inbox(filename), 'utf8')).to.equal('new')
  })

  it('has one name where the answer to giving it was lost, and the call was done again (NFS)', async () => {
    await receiveAll()
    const { linkSync: link } = fs
    fs.linkSync = (from, to) => {
      link(from, to)
      link(from, to)
    }
    syncBuiltinESMExports()
    try {
      expect((await placeIt()).path).to.equal(inbox(filename))
    } finally {
      fs.linkSync = link
      syncBuiltinESMExports()
    }
    expect(folder.received).to.deep.equal([filename])
    expect(readFileSync(inbox(filename)).equals(content)).to.equal(true)
  })

  it('does not overwrite its twin of other case or form (cases 85 and 88, P2)', async () => {
    writeFileSync(inbox('CAFÉ.TXT'), 'old')
    writeFileSync(inbox('caf\u00e9.txt'), 'old')
    await receiveAll()
    expect((await placeIt({ filename: 'cafe\u0301.txt' })).path).to.equal(inbox('caf\u00e9 (1).txt'))
  })

  for (const [name, safe] of [
    ['../../x', '_.._.._x'],
    ['/etc/passwd', '_etc_passwd'],
    ['.bashrc', '_.bashrc'],
  ] as const) {
    it(`called ${name} stays in its folder (case 83, P13)`, async () => {
      await receiveAll()
      expect((await placeIt({ filename: name })).path).to.equal(inbox(safe))
    })
  }

  it('called nothing at all is refused, and kept (case 83)', async () => {
    await receiveAll()
    expect(await codeOf(placeIt({ filename: '..' }))).to.equal('bad-name')
    expect((await placeIt()).path).to.equal(inbox(filename))
  })

  it('of a name too long for the file system gets a shorter one', async () => {
    await receiveAll()
    const { path } = await placeIt({ filename: `${'ü'.repeat(255)}.jpg` })
    expect(path.endsWith('ü.jpg')).to.equal(true)
  })

  it('is not placed before it is whole, nor as another than it is (P1)', async () => {
    expect(await codeOf(placeIt())).to.equal('bad-data')
    await receiveAll()
    expect(await codeOf(place(part, { dir: folder.inbox, filename, root: new Uint8Array(32) }))).to.equal(
      'bad-data',
    )
    expect(folder.received.filter((name) => !name.startsWith('.'))).to.deep.equal([])
  })

  it('may be placed after a restart without the sender, by its root alone (P1, P3)', async () => {
    await receiveAll()
    const existing = part.path
    await part.close()
    part = await openPart({ dir: folder.inbox, transfer, existing })
    expect((await placeIt()).path).to.equal(inbox(filename))
  })

  describe('where the name is taken and skipping is wished for', () => {
    it('counts as there already, if it is (wish 10)', async () => {
      writeFileSync(inbox(filename), content)
      await receiveAll()
      expect((await placeIt({ onConflict: 'skip' })).path).to.equal(inbox(filename))
      expect(folder.received).to.deep.equal([filename])
    })

    it('is refused if it is another, which stays (P2)', async () => {
      writeFileSync(inbox(filename), 'old')
      await receiveAll()
      expect(await codeOf(placeIt({ onConflict: 'skip' }))).to.equal('already-there')
      expect(readFileSync(inbox(filename), 'utf8')).to.equal('old')
    })

    it('need not even be fetched', async () => {
      // These blocks are as large as a file's of that size really are.
      const whole = await openSource(folder.at('source'))
      const options = { dir: folder.inbox, filename, filesize, root: await hashSource(whole) }
      whole.close()
      expect(await findExisting(options)).to.equal(undefined)
      writeFileSync(inbox(filename), content)
      expect(await findExisting(options)).to.deep.equal({ path: inbox(filename) })
      writeFileSync(inbox(filename), content.fill(0, 0, 1))
      expect(await findExisting(options)).to.equal(undefined)
    })
  })

  describe('of which a shorter file is there', () => {
    const resumed = () =>
      openPart({ dir: folder.inbox, transfer: { ...transfer, sid: 's2' }, onConflict: 'resume' })

    it('begins with what that holds, verified block by block, and leaves it untouched (P2, P3)', async () => {
      const old = Buffer.from(content.subarray(0, 10 * blockBytes + 77))
      old[5 * blockBytes]! ^= 1
      writeFileSync(inbox(filename), old)
      const before = lstatSync(inbox(filename), { bigint: true })
      await part.discard()
      part = await resumed()
      expect(part.heldBytes).to.equal(10 * blockBytes)
      expect(part.provenBytesPrefix).to.equal(0)
      const outcome = await receiveAll()
      expect(outcome.bytesSent).to.equal(filesize - 9 * blockBytes)
      expect((await placeIt()).path).to.equal(inbox('my girl (1).jpg'))
      const after = lstatSync(inbox(filename), { bigint: true })
      expect([after.mtimeNs, after.ctimeNs, after.ino]).to.deep.equal([
        before.mtimeNs,
        before.ctimeNs,
        before.ino,
      ])
    })

    it('begins anew where that is a link, a folder or a FIFO (case 89, P13)', async () => {
      const secret = folder.at('secret')
      writeFileSync(secret, content.subarray(0, 10 * blockBytes))
      for (const make of [
        () => symlinkSync(secret, inbox(filename)),
        () => mkdirSync(inbox(filename)),
        () => execFileSync('mkfifo', [inbox(filename)]),
      ]) {
        make()
        await part.discard()
        part = await resumed()
        expect(part.heldBytes).to.equal(0)
        rmSync(inbox(filename), { recursive: true })
      }
    })
  })

  describe('with somebody at work in its folder (case 89, P13, P2)', () => {
    it('whose part file became a link, a FIFO, a folder or a second name is not opened again', async () => {
      await receiveAll()
      const existing = part.path
      const victim = folder.at('victim')
      for (const make of [
        () => symlinkSync(victim, existing),
        () => execFileSync('mkfifo', [existing]),
        () => mkdirSync(existing),
        () => linkSync(victim, existing),
      ]) {
        await part.close()
        writeFileSync(victim, 'mine')
        rmSync(existing, { recursive: true })
        make()
        expect(await codeOf(openPart({ dir: folder.inbox, transfer, existing }))).to.equal('part-lost')
        expect(readFileSync(victim, 'utf8')).to.equal('mine')
      }
    })

    it('whose ledger became one is not opened either', async () => {
      const existing = part.path
      const ledger = existing.replace(/part$/, 'ledger')
      const victim = folder.at('victim')
      await receiveAll()
      await part.close()
      for (const make of [
        () => symlinkSync(victim, ledger),
        () => execFileSync('mkfifo', [ledger]),
        () => mkdirSync(ledger),
        () => linkSync(victim, ledger),
      ]) {
        writeFileSync(victim, 'mine')
        rmSync(ledger, { recursive: true })
        make()
        expect(await codeOf(openPart({ dir: folder.inbox, transfer, existing }))).to.equal('part-lost')
        expect(readFileSync(victim, 'utf8')).to.equal('mine')
      }
    })

    it('whose part file is swapped while it comes is not published, nor is the other', async () => {
      for (const make of [
        (at: string) => writeFileSync(at, 'another'),
        (at: string) => symlinkSync(folder.at('source'), at),
        (at: string) => mkdirSync(at),
      ]) {
        part = await openPart({ dir: folder.inbox, transfer })
        await receiveAll()
        unlinkSync(part.path)
        make(part.path)
        expect(await codeOf(placeIt())).to.equal('part-lost')
        await part.discard()
        expect(existsSync(part.path)).to.equal(true)
        expect(folder.received.filter((name) => !name.startsWith('.'))).to.deep.equal([])
        rmSync(part.path, { recursive: true })
      }
    })

    it('whose part file got a second name is not published: somebody else could write to it', async () => {
      await receiveAll()
      linkSync(part.path, folder.at('second'))
      expect(await codeOf(placeIt())).to.equal('part-lost')
    })

    it('whose folder is swapped for a link goes nowhere else', async () => {
      const elsewhere = folder.folder('elsewhere')
      let swapped = false
      await attempt(source, part, {
        receive: {
          onProgress: () => {
            if (swapped) return
            swapped = true
            renameSync(folder.inbox, folder.at('moved'))
            symlinkSync(elsewhere, folder.inbox)
          },
        },
      })
      expect(await codeOf(placeIt())).to.equal('io')
      expect(readdirSync(elsewhere)).to.deep.equal([])
      await part.discard()
      expect(readdirSync(folder.at('moved'))).to.deep.equal([])
    })

    it('whose folder is swapped just before it gets its name is placed in the real one', async () => {
      const elsewhere = folder.folder('elsewhere')
      await receiveAll()
      const placed = placeIt()
      // The write-back is under way: the folder was looked at before, and is once more after.
      renameSync(folder.inbox, folder.at('moved'))
      symlinkSync(elsewhere, folder.inbox)
      expect(await codeOf(placed)).to.equal('io')
      expect(readdirSync(elsewhere)).to.deep.equal([])
    })
  })

  describe('whose placing was cut off', () => {
    const recovered = (existing = part.path) =>
      recoverPlaced({ part: existing, dir: folder.inbox, filename, filesize, root, blockBytes })

    it('between its name and the part file’s end is one file afterwards (case 93, P6)', async () => {
      await receiveAll()
      const existing = part.path
      await part.close()
      writeFileSync(inbox(filename), 'old')
      linkSync(existing, inbox('my girl (1).jpg'))
      expect(await recovered(existing)).to.deep.equal({ path: inbox('my girl (1).jpg') })
      expect(folder.received).to.deep.equal(['my girl (1).jpg', filename])
      expect(await recovered(existing)).to.deep.equal({ path: inbox('my girl (1).jpg') })
    })

    it('is found under whatever name it got in the folder (case 93)', async () => {
      await receiveAll()
      await part.close()
      linkSync(part.path, inbox('renamed by hand.jpg'))
      expect(await recovered()).to.deep.equal({ path: inbox('renamed by hand.jpg') })
      expect(folder.received).to.deep.equal(['renamed by hand.jpg'])
    })

    it('before its name is still to be placed, and nothing is taken for it (case 93, P1)', async () => {
      await receiveAll()
      await part.close()
      writeFileSync(inbox(filename), 'x'.repeat(filesize))
      expect(await recovered()).to.equal(undefined)
      expect(folder.received).to.have.length(3)
    })

    it('with a second name on content that is not proven is not taken for placed (P1)', async () => {
      await part.close()
      writeFileSync(part.path, Buffer.alloc(filesize))
      linkSync(part.path, inbox(filename))
      expect(await recovered()).to.equal(undefined)
    })
  })
})
