/** Shares of whom the component does not serve any more are not there, and come back with him. */

import { expect } from 'chai'
import { entry, ok, rootOf, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'
const witch = 'hexe@blocksberg.example'
const root = rootOf('the same')

describe('catalogue: whom it serves', function () {
  this.timeout(180_000)
  let stage: Stage
  beforeEach(async () => {
    stage = new Stage()
    await stage.open()
    await stage.share(faust, [entry('song.mp3', { root })], { tags: ['music'] })
    const only = { kind: 'only' as const, domains: ['goethe.example'], peers: [] }
    await stage.share(witch, [entry('kitchen song.mp3', { root }), entry('broom.txt')], {
      tags: ['magic'],
      visibleTo: only,
      online: true,
    })
  })
  afterEach(() => stage.end())

  /** All that can be asked about what the other has. */
  async function shown(asker: string) {
    const { catalogue } = stage
    const sources = await catalogue.sources(asker, root, 10)
    const peers = ok(await catalogue.peers(asker, 'all', { max: 10 }))
    return {
      words: await stage.paths(asker, 'broom'),
      tagged: await stage.paths(asker, '', { tags: ['magic'] }),
      peer: await stage.paths(asker, '', { peer: witch }),
      counted: (await stage.find(asker, 'song')).map(({ sources, online }) => [sources, online]),
      sources: sources.kind === 'ok' ? sources.items.map(({ value }) => value.peer) : [],
      peers: peers.items.map(({ value }) => value.peer),
      tags: ok(await catalogue.tags(asker, 10)).items.map(({ value }) => value.tag),
      shares: ok(await catalogue.shares(asker, witch, { max: 10 })).items.length,
      folder: (await catalogue.folder(asker, { peer: witch, share: 'stuff' }, '', { max: 10 })).kind,
      canSee: (await catalogue.canSee(asker, witch, 'stuff', 'broom.txt')).kind,
      byRoot: (await catalogue.canSeeRoot(asker, witch, root)).kind,
    }
  }
  const nothing = {
    words: [],
    tagged: [],
    peer: [],
    counted: [[1, 0]],
    sources: [faust],
    peers: [faust],
    tags: ['music'],
    shares: 0,
    folder: 'not-found',
    canSee: 'not-found',
    byRoot: 'not-found',
  }
  const reopen = async (users: string[]) => {
    await stage.catalogue.close()
    await stage.open({ users })
    return stage.catalogue
  }

  it('P11: what it serves no more after a restart is nowhere, for nobody, and is there again when it is served again', async () => {
    const before = await shown(me)
    expect(before).to.deep.include({ words: ['broom.txt'], shares: 1, tags: ['magic', 'music'] })
    await reopen(['goethe.example'])
    expect(await shown(me)).to.deep.equal(nothing)
    expect(await shown(witch)).to.deep.equal(nothing)
    // Nobody is online after a restart.
    await reopen(['goethe.example', witch])
    expect(await shown(me)).to.deep.equal({ ...before, counted: [[2, 0]] })
    expect(await stage.paths('mephisto@elsewhere.example', 'broom')).to.deep.equal([])
    await reopen(['*'])
    expect(await shown(me)).to.deep.equal({ ...before, counted: [[2, 0]] })
  })

  it('P11: whom the operator keeps out is nowhere at once, and what he says meanwhile is not shown either', async () => {
    const before = await shown(me)
    await stage.catalogue.keepOut('blocksberg.example', true)
    expect(await shown(me)).to.deep.equal(nothing)
    const name = { peer: witch, device: 'laptop', share: 'stuff' }
    const settings = { name: 'stuff', visibleTo: { kind: 'everybody' as const }, tags: ['magic'] }
    ok(await stage.catalogue.openShare(name, settings))
    ok(
      await stage.catalogue.replaceShare(name, 7, [
        [entry('broom.txt'), entry('kitchen song.mp3', { root })],
      ]),
    )
    expect(await shown(me)).to.deep.equal(nothing)
    await stage.catalogue.keepOut('blocksberg.example', false)
    expect(await shown(me)).to.deep.equal(before)
    expect(await stage.paths('mephisto@elsewhere.example', 'broom')).to.deep.equal(['broom.txt'])
  })
})
