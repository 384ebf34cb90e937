/** Whole lists over a link to the component, on a real Prosody (docs/catalogue.md, "The whole list"). */

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../../../scripts/free-port.js'
import { Person } from '../desk/asking.js'
import { Stage } from '../stage.js'
import { codeOf, Lister } from './lister.js'

describe('a whole list', () => {
  let stage: Stage
  let faust: Lister
  let mephisto: Person

  before(async () => {
    const catalogue = { asking: { perSecond: 10_000, burst: 100_000 } }
    stage = await Stage.open({ listPort: await freePort(), listHost: '127.0.0.1', catalogue })
    faust = await Lister.at(stage, 'faust')
    mephisto = await Person.at(stage, 'mephisto')
    mephisto.patienceMs = 120_000
    mephisto.persists = false
    await faust.shares('lieder-2002')
  })
  after(async () => {
    await faust?.close()
    await stage?.close()
  })

  /** What is left in the component's folder for lists. */
  const leftovers = () => {
    const dir = join(stage.state, 'lists')
    return existsSync(dir) ? readdirSync(dir) : []
  }

  it('of a hundred thousand files is searchable when it is complete, and holds up nobody meanwhile (case 52)', async () => {
    let asked = 0
    const whole = faust.send('lieder-2002', 1, 100_000)
    let isDone = false
    const done = whole.finally(() => {
      isDone = true
    })
    // Who asks meanwhile is answered, and finds nothing of it or all of it.
    while (!isDone) {
      const found = await mephisto
        .ask('search', { words: 'song', types: [], tags: [], online: false })
        // On a machine that is busy with other things he may be told to try again.
        .catch((error: Error) => expect(error.message).to.include('resource-constraint/wait') && undefined)
      if (found !== undefined && !isDone) expect([0, undefined, 1_000]).to.include(found.page.count)
      asked++
    }
    await done
    expect(asked).to.be.greaterThan(3)
    expect(await mephisto.find('0099999')).to.deep.equal(['folder 00199/song number 0099999.mp3'])
    const { shares } = await mephisto.ask('browse', { peer: faust.bare, deep: false })
    expect(shares).to.deep.include({
      id: 'lieder-2002',
      name: 'lieder-2002',
      files: 100_000,
      size: 5_099_950_000,
      tags: [],
    })
    expect(leftovers()).to.deep.equal([])
  }).timeout(180_000)

  it('replaces all that was held; the same again is complete, an older one is not taken', async () => {
    await faust.shares('ersatz-2002')
    await faust.send('ersatz-2002', 5, 3)
    await faust.send('ersatz-2002', 7, 2, 2)
    const inShare = async () => {
      const deep = await mephisto.ask('browse', { peer: faust.bare, share: 'ersatz-2002', deep: true })
      return deep.files.map(({ path }: { path: string }) => path.slice(-8))
    }
    expect(await inShare()).to.deep.equal(['0002.mp3', '0003.mp3'])
    await faust.send('ersatz-2002', 7, 2, 2)
    expect(await codeOf(faust.send('ersatz-2002', 6, 1))).to.equal('component-refused: policy')
    expect(await inShare()).to.deep.equal(['0002.mp3', '0003.mp3'])
  })

  it('of a share that the device has not is refused', async () => {
    expect(await codeOf(faust.send('fremde-2002', 1, 1))).to.equal('component-refused: not-found')
  })

  it('has a key of the component, that nobody else can read', () => {
    expect(statSync(join(stage.state, 'device.pem')).mode & 0o777).to.equal(0o600)
  })
})

describe('a component that takes no lists', () => {
  it('says so, and the device says its list by stanzas', async () => {
    const stage = await Stage.open()
    try {
      const faust = await Lister.at(stage, 'faust')
      await faust.shares('lieder-2002')
      const how = await codeOf(faust.send('lieder-2002', 1, 10))
      expect(how).to.equal('unreachable: the component takes no lists')
      await faust.close()
    } finally {
      await stage.close()
    }
  })
})
