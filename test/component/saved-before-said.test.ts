/**
 * Saved before said (P7), as the kernel sees it: strace follows the component's process. Nothing is written to the stream while anything
 * that was written to the store is not flushed; and what a disk did not flush is not answered by `result`.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { openDatabase } from '../../component/store/open.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { ChildComponent } from './child-component.js'
import { everybody, file, Person } from './desk/asking.js'
import { type Device, deviceAt, newOfferId, refusalOf, someFile, someWay, token } from './stage.js'

const canFollow = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0

describe('what the component says', function () {
  this.timeout(120_000)
  let dir: string
  let prosody: PrivateProsody
  let component: ChildComponent
  let faust: Device
  let mephisto: Device
  const tracers = new Set<ChildProcess>()

  before(async function () {
    if (!canFollow) {
      console.warn('      skipped: strace is needed to follow a process (Debian: apt install strace)')
      this.skip()
    }
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-said-'))
    prosody = await startProsody()
    component = new ChildComponent(prosody, join(dir, 'state'))
    await component.start()
    faust = await device('faust')
    mephisto = await device('mephisto')
  })
  after(async () => {
    for (const tracer of tracers) tracer.kill('SIGINT')
    await Promise.all([faust?.entity.stop(), mephisto?.entity.stop()])
    await component?.end('SIGKILL')
    await prosody?.stop()
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true })
  })

  const device = (name: string) => deviceAt(prosody, name)

  /** Follows the component's calls. @returns a function that ends it, and gives them line by line */
  async function follow(calls: string, ...more: string[]): Promise<() => Promise<string[]>> {
    const log = join(dir, `trace-${tracers.size}`)
    const expressions = [`trace=${calls}`, ...more].flatMap((one) => ['-e', one])
    const args = ['-f', '-y', '-s', '4000', ...expressions, '-o', log, '-p', String(component.pid)]
    const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    tracers.add(tracer)
    const [attached] = (await once(tracer.stderr!, 'data')) as [Buffer]
    expect(attached.toString()).to.include('attached')
    return async () => {
      const ended = once(tracer, 'exit')
      tracer.kill('SIGINT')
      await ended
      return readFileSync(log, 'utf8').split('\n')
    }
  }

  const offering = () => ({ id: newOfferId(), peer: mephisto.bare, every: false, files: [someFile()] })

  it('is flushed before, whatever it is: logins, answers, and what is sent on', async () => {
    const end = await follow('write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync')
    await faust.logIn()
    for (let round = 0; round < 5; round++) {
      await faust.say('offer', offering())
      const { sid } = await mephisto.next('offer')
      const opening = { sid, way: someWay(), token: token() }
      await mephisto.say('accept', { ...opening, attempt: 1, append: false, files: [] })
      await faust.next('accept')
      await mephisto.say('append', { ...opening, attempt: 2, filebytesdone: 1 })
      await faust.next('append')
      await faust.say('abort', { sid })
      await mephisto.next('abort')
      await mephisto.say('complete', { sid, attempt: 2, root: someFile().root })
      await faust.next('complete')
    }
    const lines = await end()
    /** Files of the store with something in them that is not flushed. */
    const unflushed = new Set<string>()
    const early: string[] = []
    let said = 0
    let flushed = 0
    for (const line of lines) {
      const [, call = '', file = ''] = /^\d+ +(\w+)\(\d+<([^>]*)>/.exec(line) ?? []
      if (/component\.sqlite/.test(file)) {
        if (/write/.test(call)) unflushed.add(file)
        else if (unflushed.delete(file)) flushed++
      } else if (/socket|TCP/.test(file) && /<(iq|presence)/.test(line)) {
        said++
        if (unflushed.size > 0) early.push(line)
      }
    }
    expect(early).to.deep.equal([])
    expect(said).to.be.greaterThan(5 * 9)
    expect(flushed).to.be.greaterThan(5 * 5)
  })

  let person: Person | undefined
  for (const error of ['EROFS', 'EIO']) {
    it(`is "later" where the disk refuses each write with ${error}: what is there is found, and it goes on by itself (case 58, P20)`, async () => {
      person ??= new Person(faust)
      const who = person
      const id = `Lieder-${error}`
      const publish = (seq: number) =>
        who.refused('publish', {
          share: id,
          base: seq - 1,
          seq,
          removes: [],
          adds: [file(`lied ${error} ${seq}.mp3`)],
        })
      await who.ask('register', {})
      await who.ask('share', { id, name: id, tags: [], visibility: everybody })
      expect(await publish(1)).to.equal('result')
      const end = await follow('pwrite64', `inject=pwrite64:error=${error}`)
      for (let n = 0; n < 3; n++) {
        expect(await refusalOf(faust.say('offer', offering()))).to.equal('resource-constraint/wait retry')
        expect(await publish(2)).to.equal('resource-constraint/wait retry')
        expect(await who.find(`lied ${error}`)).to.deep.equal([`lied ${error} 1.mp3`])
      }
      await end()
      while ((await refusalOf(faust.say('offer', offering()))) !== 'result') await pause(100)
      while ((await publish(2)) !== 'result') await pause(100)
      expect(await who.find(`lied ${error}`)).to.have.length(2)
    })
  }

  it('is not that it is recorded, when the disk does not flush it; and afterwards it has all of which it said so', async () => {
    const answers = new Map<string, string>()
    const offer = async () => {
      const value = { ...offering(), peer: `nobody${answers.size}@localhost` }
      const answer = await refusalOf(faust.say('offer', value))
      answers.set(value.id, answer)
      return answer
    }
    expect(await offer()).to.equal('result')
    const end = await follow('fdatasync,fsync', 'inject=fdatasync,fsync:error=EIO')
    for (let n = 0; n < 5; n++) expect(await offer()).to.equal('resource-constraint/wait retry')
    await end()
    // It looks every two seconds whether the disk takes writes again.
    while ((await offer()) !== 'result') await pause(100)
    for (let n = 0; n < 5; n++) expect(await offer()).to.equal('result')
    await component.end('SIGKILL')
    const db = openDatabase(join(dir, 'state', 'component.sqlite'))
    const find = db.prepare('select 1 from offer where name = ?').pluck()
    const lost = [...answers].filter(([id, answer]) => answer === 'result' && find.get(id) === undefined)
    expect(lost).to.deep.equal([])
    expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
    db.close()
  })
})
