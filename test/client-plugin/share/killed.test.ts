/** A device that is killed while it hashes and publishes, and a component that forgets: in the end the catalogue is the folder. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { freePort } from '../../../scripts/private-prosody.js'
import { seed } from '../../seed.js'
import type { Order } from './sharer-process.js'
import { type Person, published, put, putRested, Stage, until } from './stage.js'

const program = fileURLToPath(new URL('./sharer-process.js', import.meta.url))

describe('sharing through kills', function () {
  this.timeout(180_000)
  let stage: Stage
  let mephisto: Person
  let child: ChildProcess | undefined

  before(async () => {
    stage = await new Stage().open({}, await freePort())
    mephisto = await stage.person('mephisto')
  })
  after(async () => {
    child?.kill('SIGKILL')
    await stage.close()
  })

  const many = (folder: string, from: number, to: number): string[] => {
    const paths: string[] = []
    for (let n = from; n < to; n++) {
      const path = `part ${n % 7}/a file with a name of some length ${n}.txt`
      put(folder, path, `file ${n}`)
      // As if it had rested.
      utimesSync(join(folder, path), 1_000_000_000, 1_000_000_000 + n)
      paths.push(path)
    }
    return paths
  }

  /** Kills a device again and again while its folder changes, and looks at what is published in the end. */
  const tryKills = async (name: string, files: number, longestMs: number): Promise<void> => {
    const folder = stage.folder(`killed-${name}`)
    const expected = new Set(many(folder, 0, files))
    const order: Order = {
      jid: `${stage.prosody.addUser(name, 'secret')}/Pult`,
      password: 'secret',
      service: stage.prosody.service,
      component: stage.prosody.componentDomain,
      state: join(stage.dir, `state-killed-${name}`),
      folder,
    }
    let chance = seed
    const draw = (max: number): number => {
      chance = (chance * 1_103_515_245 + 12_345) % 2 ** 31
      return Math.floor((chance / 2 ** 31) * max)
    }
    let id: string | undefined
    const ids = new Set<string>()
    for (let round = 0; id === undefined; round++) {
      child = fork(program, [JSON.stringify(order)])
      const heard = child
      const lives = round > 5 ? 60_000 : 250 + draw(longestMs)
      const done = new Promise<string>((resolve) => {
        heard.on('message', ({ id, state }: { id: string; state: string }) => {
          ids.add(id)
          if (state === 'done') resolve(id)
        })
      })
      id = await Promise.race([done, delay(lives, undefined, { ref: false })])
      // The folder goes on changing whether anybody looks or not.
      if (round === 1) rmSync(join(folder, 'part 3'), { recursive: true })
      if (round === 1) for (const path of expected) if (path.startsWith('part 3')) expected.delete(path)
      if (round === 2) for (const path of many(folder, files, files + 10)) expected.add(path)
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    // What was added after the last look of a killed one is found by the next.
    child = fork(program, [JSON.stringify(order)])
    await once(child, 'message')
    const all = [...expected].sort()
    const peer = `${name}@localhost`
    const found = await until(
      async () => {
        const { items } = await mephisto.files.catalogue.shares(peer)
        return items.length === 1 ? published(mephisto.files, peer, items[0]!.id).catch(() => []) : []
      },
      (paths) => paths.join() === all.join(),
    )
    expect(found).to.deep.equal(all)
    // Nothing was lost that would have made it begin anew.
    expect([...ids]).to.deep.equal([id])
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  for (const [way, name, files, longestMs] of [
    ['by stanzas', 'faust', 75, 1_400],
    ['over a link', 'gretchen', 480, 700],
  ] as const) {
    it(`a kill at any moment of hashing and publishing ${way} loses nothing and says nothing twice (case 57)`, async () => {
      await tryKills(name, files, longestMs)
    })
  }

  it('a component that lost its memory is told everything again', async () => {
    const wagner = await stage.person('wagner')
    const folder = stage.folder('forgotten', { 'one.txt': 'one', 'two/three.txt': 'three' })
    const { id } = await wagner.files.shares.add(folder, { name: 'Bücher', visibleTo: { kind: 'everybody' } })
    await wagner.files.shares.current(id)
    await stage.stopComponent()
    rmSync(join(stage.dir, 'component'), { recursive: true })
    await stage.startComponent()
    // The next word shows that nobody knows us any more.
    putRested(folder, 'four.txt', 'four')
    const found = await until(
      async () => {
        const { items } = await mephisto.files.catalogue.shares(wagner.jid).catch(() => ({ items: [] }))
        return items.length === 1 ? published(mephisto.files, wagner.jid, items[0]!.id).catch(() => []) : []
      },
      (paths) => paths.length === 3,
    )
    expect(found).to.deep.equal(['four.txt', 'one.txt', 'two/three.txt'])
    const info = await wagner.files.shares.current(wagner.files.shares.list()[0]!.id)
    expect(info).to.include({ state: 'current', publishedFiles: 3, name: 'Bücher' })
  })

  it('a component that was set back to an older copy is told what it lacks', async () => {
    const valentin = await stage.person('valentin')
    const folder = stage.folder('older', { 'one.txt': 'one' })
    const { id } = await valentin.files.shares.add(folder)
    await valentin.files.shares.current(id)
    const [state, copy] = [join(stage.dir, 'component'), join(stage.dir, 'copy')]
    await stage.stopComponent()
    cpSync(state, copy, { recursive: true })
    await stage.startComponent()
    putRested(folder, 'two.txt', 'two')
    await valentin.files.shares.current(id)
    await stage.stopComponent()
    rmSync(state, { recursive: true })
    cpSync(copy, state, { recursive: true })
    await stage.startComponent()
    const found = await until(
      async () => {
        const { items } = await mephisto.files.catalogue.shares(valentin.jid).catch(() => ({ items: [] }))
        return items.length === 1 ? published(mephisto.files, valentin.jid, items[0]!.id).catch(() => []) : []
      },
      (paths) => paths.length === 2,
    )
    expect(found).to.deep.equal(['one.txt', 'two.txt'])
  })

  it('what is unshared while the component is away is found by nobody when it is back', async () => {
    const wagner = await stage.person('wagner', 'wagner2')
    const folder = stage.folder('regretted', { 'regretted.txt': 'oh' })
    const { id } = await wagner.files.shares.add(folder)
    await wagner.files.shares.current(id)
    await stage.stopComponent()
    await wagner.files.shares.remove(id)
    expect(wagner.files.shares.list()).to.deep.equal([])
    await stage.startComponent()
    const left = await until(
      async () => (await mephisto.files.catalogue.search({ words: 'regretted' })).items,
      (items) => items.length === 0,
    )
    expect(left).to.deep.equal([])
  })
})
