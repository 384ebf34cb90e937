/**
 * A flood while the disk is slow: each flush takes half a second (strace delays it). Everybody is answered, with "later" if it must
 * be, in bounded memory; who does not flood is served, and what was answered with `result` is there (case 45; P7, P15, P16).
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDatabase } from '../../component/store/open.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { ChildComponent } from './child-component.js'
import { type Device, deviceAt, newOfferId, refusalOf, someFile } from './stage.js'

const canSlow = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0

describe('a flood while the disk is slow', function () {
  this.timeout(180_000)
  let dir: string
  let prosody: PrivateProsody
  let component: ChildComponent
  let tracer: ChildProcess | undefined
  const people: Device[] = []

  before(async function () {
    if (!canSlow) {
      console.warn('      skipped: strace is needed to slow a disk down (Debian: apt install strace)')
      this.skip()
    }
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-slow-disk-'))
    prosody = await startProsody()
    component = new ChildComponent(prosody, join(dir, 'state'))
    await component.start()
    for (const name of ['faust', 'mephisto']) people.push(await device(name))
  })
  after(async () => {
    tracer?.kill('SIGINT')
    await Promise.all(people.map(({ entity }) => entity.stop()))
    await component?.end('SIGKILL')
    await prosody?.stop()
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true })
  })

  const device = (name: string) => deviceAt(prosody, name)

  /** From now on each flush takes so long. */
  async function slowDown(ms: number): Promise<void> {
    const calls = 'fdatasync,fsync'
    const inject = `inject=${calls}:delay_enter=${ms * 1_000}`
    const args = ['-f', '-q', '--seccomp-bpf', '-e', `trace=${calls}`, '-e', inject, '-o', join(dir, 'trace')]
    tracer = spawn('strace', [...args, '-p', String(component.pid)], { stdio: ['ignore', 'ignore', 'pipe'] })
    while (!readFileSync(`/proc/${component.pid}/status`, 'utf8').includes(`TracerPid:\t${tracer.pid}`))
      await new Promise((resolve) => setTimeout(resolve, 10))
  }

  const mebibytes = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${component.pid}/status`, 'utf8'))![1]) / 1_024

  it('answers each once, the others too, in bounded memory, and has what it said that it has (case 45, P7, P15, P16)', async () => {
    const [faust, mephisto] = people as [Device, Device]
    const calm = mebibytes()
    await slowDown(500)
    const said = new Map<string, string>()
    const offer = async (who: Device, peer: string) => {
      const id = newOfferId()
      const value = { id, peer, every: false, files: [someFile()] }
      // Always within half a minute, or the request fails and with it the test.
      const answer = await refusalOf(who.say('offer', value, 30_000))
      said.set(id, answer)
      return answer
    }
    let most = calm
    const watching = setInterval(() => {
      most = Math.max(most, mebibytes())
    }, 50)
    let isOver = false
    const flood = Promise.all(
      Array.from({ length: 1_500 }, (_, n) => offer(faust, `victim${n}@localhost`)),
    ).finally(() => {
      isOver = true
    })
    let others = 0
    while (!isOver || others < 2) {
      expect(await offer(mephisto, `friend${others}@localhost`)).to.equal('result')
      others++
    }
    const answers = await flood
    clearInterval(watching)
    for (const kind of new Set(answers)) {
      expect(kind).to.be.oneOf([
        'result',
        'resource-constraint/wait quota',
        'resource-constraint/wait retry',
        'policy-violation/wait retry',
      ])
    }
    expect(answers).to.include('result')
    expect(most - calm).to.be.lessThan(256)
    const gone = once(tracer!, 'exit')
    tracer!.kill('SIGINT')
    await gone
    const slowed = readFileSync(join(dir, 'trace'), 'utf8').match(/DELAYED/g)?.length ?? 0
    expect(slowed).to.be.greaterThan(1)
    await component.end('SIGKILL')
    const db = openDatabase(join(dir, 'state', 'component.sqlite'))
    const find = db.prepare('select 1 from offer where name = ?').pluck()
    const lost = [...said].filter(([id, answer]) => answer === 'result' && find.get(id) === undefined)
    expect(lost).to.deep.equal([])
    expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
    db.close()
  })
})
