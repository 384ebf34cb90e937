/**
 * The protocol can be implemented from its page: a client in Python that was, and the real command, on a private server. Not
 * part of `npm test`: `npm run test:clients`.
 */

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { type Playground, startPlayground } from '../../scripts/playground.js'
import { kind } from '../cli/reports.js'
import { IndependentClient } from './independent-client.js'

const block = 2 ** 20
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

describe('a client written from the page of the protocol alone, and the command', function () {
  this.timeout(60_000)
  let ground: Playground
  let dir: string
  let client: IndependentClient
  const children: ChildCommand[] = []
  const small = 'She was a cool girl.\n'.repeat(40)
  const large = `${randomBytes(block).toString('base64').slice(0, block)}and a bit`

  before(async () => {
    ground = await startPlayground()
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-independent-'))
    writeFileSync(join(dir, 'small.txt'), small)
    writeFileSync(join(dir, 'large.txt'), large)
    writeFileSync(join(dir, 'empty.txt'), '')
    client = await IndependentClient.start(ground, dir)
  })
  after(async () => {
    client?.stop()
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map(({ ended }) => ended))
    await ground?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  /** The command as faust. */
  const start = (...args: string[]): ChildCommand => {
    const child = startCommand(['--json', ...args], {
      env: { JABBERFS_CONFIG: ground.faust.config },
      cwd: dir,
    })
    children.push(child)
    return child
  }
  /** Faust offers a file; what the client makes of it, and how the command ended. */
  const offered = async (file: string, what: string, more: object = {}) => {
    const child = start('send', join(dir, file), ground.mephisto.jid)
    const came = await client.ask(what, more)
    const { code } = await child.ended
    return { came, code, output: child.output() }
  }
  let folders = 0
  const newFolder = (): string => {
    const into = join(dir, `into-${++folders}`)
    mkdirSync(into)
    return into
  }

  for (const listen of [true, false]) {
    it(`it is sent a file, and ${listen ? 'listens' : 'only connects'}`, async () => {
      const { came, code, output } = await offered('small.txt', 'receive', { listen })
      expect(code, output).to.equal(0)
      expect(came).to.deep.equal({ name: 'small.txt', sha256: sha256(small), came: [small.length] })
    })

    it(`it sends a file, and ${listen ? 'listens' : 'only connects, with the root at the end'}`, async () => {
      const into = newFolder()
      const child = start('receive', '--from', ground.mephisto.jid, '--into', into, '--once')
      const sent = await client.ask('send', {
        peer: ground.faust.jid,
        name: 'ei was.txt',
        text: small,
        listen,
        promise: !listen,
      })
      expect(sent).to.deep.equal({ end: 'complete', reason: null })
      expect((await child.ended).code, child.output()).to.equal(0)
      expect(readFileSync(join(into, 'ei was.txt'), 'utf8')).to.equal(small)
    })
  }

  it('a file without a block arrives', async () => {
    expect(await offered('empty.txt', 'receive')).to.deep.include({
      came: { name: 'empty.txt', sha256: sha256(''), came: [0] },
      code: 0,
    })
  })

  it('it gets only the rest of what it holds a block of, and of what breaks', async () => {
    const rest = large.length - block
    const held = await offered('large.txt', 'receive', { have: large.slice(0, block) })
    expect(held.came, held.output).to.deep.equal({ name: 'large.txt', sha256: sha256(large), came: [rest] })
    expect(held.code).to.equal(0)
    const cut = await offered('large.txt', 'receive', { cut: block })
    expect(cut.came.sha256, cut.output).to.equal(sha256(large))
    expect(cut.came.came).to.have.lengthOf(2)
    expect(cut.came.came[0] + cut.came.came[1]).to.be.lessThan(2 * large.length)
    expect(cut.code).to.equal(0)
  })

  it('it fetches a block anew that is not what the sending side has', async () => {
    const { came, code } = await offered('large.txt', 'receive', { have: 'x'.repeat(block) })
    expect(came).to.deep.equal({ name: 'large.txt', sha256: sha256(large), came: [large.length] })
    expect(code).to.equal(0)
  })

  it('it declines, and aborts', async () => {
    expect((await offered('small.txt', 'decline')).code).to.equal(9)
    expect((await offered('small.txt', 'abort')).code).to.equal(10)
  })

  it('it publishes, is found, and gives what it has', async () => {
    const path = 'Hölle/hell fire.txt'
    expect(await client.ask('publish', { share: 'Share-of-mine', files: { [path]: small } })).to.equal('1')
    for (const listen of [true, false]) {
      const into = newFolder()
      const child = start('get', ground.mephisto.jid, `Share-of-mine/${path}`, '--into', into)
      expect(await client.ask('answer', { listen }), child.output()).to.equal('complete')
      expect((await child.ended).code, child.output()).to.equal(0)
      expect(readFileSync(join(into, 'hell fire.txt'), 'utf8')).to.equal(small)
    }
    const search = start('search', 'hölle', 'fire')
    expect((await search.ended).code).to.equal(0)
    expect(search.reports.filter(kind('hit')), search.output()).to.have.lengthOf(1)
  })

  it('it finds what the command shares, sees who has it, browses to it, and gets it', async () => {
    const folder = join(newFolder(), 'Pakt')
    mkdirSync(join(folder, 'signed'), { recursive: true })
    writeFileSync(join(folder, 'signed', 'bargain.txt'), small)
    const sharing = start('share', folder)
    let hits: { h: string; i: string; text: string; is: string }[] = []
    while (hits.length === 0 && sharing.process.exitCode === null) {
      await wait(300)
      hits = (await client.ask('search', { words: 'bargain' })).filter(
        ({ is }: { is: string }) => is === 'hit',
      )
    }
    const [{ h: root, i: share, text: path } = { h: '', i: '', text: '' }] = hits
    expect(path, sharing.output()).to.equal('signed/bargain.txt')
    const peer = ground.faust.jid
    expect((await client.ask('sources', { root }))[0]).to.include({ peer, share, text: path, online: '1' })
    expect((await client.ask('browse', { peer }))[0]).to.include({ is: 'share', id: share, name: 'Pakt' })
    const listing = await client.ask('browse', { peer, share, path: 'signed' })
    expect(listing[0]).to.include({ is: 'file', text: 'bargain.txt', h: root, s: String(small.length) })
    for (const listen of [true, false]) {
      const got = await client.ask('get', { peer, name: 'bargain.txt', share, path, root, listen })
      expect(got).to.deep.equal({ name: 'bargain.txt', sha256: sha256(small), came: [small.length] })
    }
    expect(await client.ask('get', { peer, name: 'bargain.txt' })).to.deep.equal({
      end: 'decline',
      reason: 'policy',
    })
  })
})
