/** The story of the catalogue, on a real Prosody: one shares, another finds, sees and is told. */

import { expect } from 'chai'
import { Stage } from '../stage.js'
import { everybody, file, nobody, only, Person, until, words } from './asking.js'

describe('the catalogue on the stream', () => {
  let stage: Stage
  let faust: Person
  let mephisto: Person

  before(async () => {
    stage = await Stage.open()
    faust = await Person.at(stage, 'faust')
    mephisto = await Person.at(stage, 'mephisto')
  })
  after(() => stage?.close())

  it('a device registers, shares a folder and publishes into it, and is told what is held', async () => {
    const { id, ttl, held } = await faust.ask('register', {})
    expect({ ttl, held }).to.deep.equal({ ttl: 2_592_000, held: [] })
    const share = { id: 'Bilder-2002', name: 'Bilder', tags: ['fotos'], visibility: everybody }
    expect(await faust.ask('share', share)).to.deep.equal({ share: share.id, seq: 0 })
    const girl = file('2002/my_girl.jpg', { size: 35_012, type: 'image/jpeg' })
    const first = { share: share.id, base: 0, seq: 1, removes: [], adds: [girl, file('readme.txt')] }
    expect(await faust.ask('publish', first)).to.deep.equal({ share: share.id, seq: 1 })
    // Said again it counts once; what does not follow changes nothing.
    expect(await faust.ask('publish', first)).to.deep.equal({ share: share.id, seq: 1 })
    expect(await faust.ask('publish', { ...first, base: 7, seq: 8 })).to.deep.equal({
      share: share.id,
      seq: 1,
    })
    expect(await faust.ask('register', { id })).to.deep.equal({
      id,
      ttl,
      held: [{ share: share.id, seq: 1 }],
    })
  })

  it('another finds it, who has it and that he is online', async () => {
    const { hits, page } = await mephisto.ask('search', words('girl', { types: ['image'], online: true }))
    expect(hits).to.have.lengthOf(1)
    expect(hits[0]).to.include({
      path: '2002/my_girl.jpg',
      size: 35_012,
      sources: 1,
      online: 1,
      type: 'image/jpeg',
    })
    expect(hits[0]).to.include({ peer: faust.jid, share: 'Bilder-2002' })
    expect(page.count).to.equal(1)
    const { sources } = await mephisto.ask('sources', { root: hits[0].root })
    expect(sources).to.deep.equal([
      {
        peer: faust.jid,
        share: 'Bilder-2002',
        path: '2002/my_girl.jpg',
        online: true,
        modified: 1_013_545_379,
      },
    ])
  })

  it('he browses peers, shares, folders and tags', async () => {
    const { peers } = await mephisto.ask('peers', { which: 'online' })
    expect(peers).to.deep.equal([{ peer: faust.jid, online: true, shares: 1, files: 2, size: 36_012 }])
    const { shares } = await mephisto.ask('browse', { peer: faust.jid, deep: false })
    expect(shares).to.deep.equal([
      { id: 'Bilder-2002', name: 'Bilder', files: 2, size: 36_012, tags: ['fotos'] },
    ])
    const top = await mephisto.ask('browse', { peer: faust.jid, share: 'Bilder-2002', deep: false })
    expect(top.folders).to.deep.equal([{ path: '2002', files: 1 }])
    expect(top.files.map(({ path }: { path: string }) => path)).to.deep.equal(['readme.txt'])
    const deep = await mephisto.ask('browse', { peer: faust.jid, share: 'Bilder-2002', deep: true })
    expect(deep.folders).to.deep.equal([])
    expect(deep.files.map(({ path }: { path: string }) => path).sort()).to.deep.equal([
      '2002/my_girl.jpg',
      'readme.txt',
    ])
    const inside = { peer: faust.jid, share: 'Bilder-2002', path: '2002', deep: false }
    expect(
      (await mephisto.ask('browse', inside)).files.map(({ path }: { path: string }) => path),
    ).to.deep.equal(['my_girl.jpg'])
    expect((await mephisto.ask('tags', {})).tags).to.deep.equal([{ tag: 'fotos', files: 2 }])
    expect((await mephisto.ask('tags', { prefix: 'fo' })).tags).to.deep.equal([{ tag: 'fotos', files: 2 }])
    expect((await mephisto.ask('tags', { prefix: 'xx' })).tags).to.deep.equal([])
  })

  it('its peer sees his shares with their numbers and who they are for', async () => {
    expect((await faust.ask('shares', {})).shares).to.deep.equal([
      {
        id: 'Bilder-2002',
        name: 'Bilder',
        files: 2,
        size: 36_012,
        seq: 1,
        tags: ['fotos'],
        visibility: everybody,
      },
    ])
  })

  it('who saved a search is told at once of what is new, and once when he was away', async () => {
    await mephisto.ask('watch', { id: 'w1', ...words('gretchen') })
    expect((await mephisto.ask('watches', {})).watches).to.deep.equal([{ id: 'w1', ...words('gretchen') }])
    const adds = [file('2002/gretchen.jpg', { type: 'image/jpeg' })]
    await faust.ask('publish', { share: 'Bilder-2002', base: 1, seq: 2, removes: [], adds })
    const told = await mephisto.matches.next()
    expect(told).to.include({ id: 'w1', more: 0 })
    expect(told.hits[0]).to.include({ path: '2002/gretchen.jpg', peer: faust.jid, share: 'Bilder-2002' })

    const { id } = mephisto.device
    await mephisto.device.entity.stop()
    const more = [file('2002/gretchen im garten.jpg')]
    await faust.ask('publish', { share: 'Bilder-2002', base: 2, seq: 3, removes: [], adds: more })
    mephisto = await Person.at(stage, 'mephisto', id)
    expect((await mephisto.matches.next()).hits.map(({ path }) => path)).to.deep.equal([
      '2002/gretchen im garten.jpg',
    ])
    await mephisto.ask('unwatch', { id: 'w1' })
    expect((await mephisto.ask('watches', {})).watches).to.deep.equal([])
    expect(await mephisto.refused('unwatch', { id: 'w1' })).to.equal('item-not-found/cancel')
  })

  it('who goes is offline at once, who comes is online', async () => {
    const faustIs = async () => {
      const { peers } = await mephisto.ask('peers', { which: 'all' })
      return peers.find(({ peer }: { peer: string }) => peer === faust.jid).online as boolean
    }
    await faust.device.logOut()
    await until(faustIs, (online) => !online)
    expect((await mephisto.ask('peers', { which: 'offline' })).peers).to.have.lengthOf(1)
    expect(await mephisto.find('girl', { online: true })).to.deep.equal([])
    await faust.device.logIn()
    await until(faustIs, (online) => online)
  })

  it('a share for nobody, a domain or some peers does not exist for others (P11)', async () => {
    const gretchen = await Person.at(stage, 'gretchen')
    await gretchen.ask('register', {})
    const secret = (name: string) => [file(`${name}/geheim ${name}.txt`, { tags: [`tag-${name}`] })]
    await gretchen.share('for-nobody', secret('nobody'), { visibility: nobody })
    await gretchen.share('for-faust', secret('faust'), { visibility: only({ peers: [faust.jid] }) })
    await gretchen.share('for-elsewhere', secret('elsewhere'), {
      visibility: only({ domains: ['elsewhere.example'] }),
    })
    await gretchen.share('for-domain', secret('domain'), { visibility: only({ domains: ['localhost'] }) })

    expect((await gretchen.find('geheim')).length).to.equal(4)
    expect(await faust.find('geheim')).to.have.members(['faust/geheim faust.txt', 'domain/geheim domain.txt'])
    expect(await mephisto.find('geheim')).to.deep.equal(['domain/geheim domain.txt'])
    const counted = await mephisto.ask('search', words('geheim', { page: { max: 0 } }))
    expect(counted.page.count).to.equal(1)
    const tags = (await mephisto.ask('tags', { prefix: 'tag-' })).tags
    expect(tags).to.deep.equal([{ tag: 'tag-domain', files: 1 }])
    const seen = (await mephisto.ask('peers', { which: 'all' })).peers
    expect(seen.find(({ peer }: { peer: string }) => peer === gretchen.jid)).to.include({
      shares: 1,
      files: 1,
    })
    // The same error for what is hidden and for what there never was.
    const browse = (share: string) => mephisto.refused('browse', { peer: gretchen.jid, share, deep: false })
    expect(await browse('for-nobody')).to.equal('item-not-found/cancel')
    expect(await browse('never-there')).to.equal('item-not-found/cancel')
    const sources = (path: string) => mephisto.refused('sources', { root: file(path).root })
    expect(await sources('faust/geheim faust.txt')).to.equal('item-not-found/cancel')
    expect(await sources('never there')).to.equal('item-not-found/cancel')
  })

  it('whom a peer blocks sees him as one who is not there (case 24, P23)', async () => {
    await faust.ask('blocking', { domains: [], peers: [mephisto.jid] })
    expect(await mephisto.find('girl')).to.deep.equal([])
    const browse = (peer: string) => mephisto.ask('browse', { peer, deep: false })
    expect(await browse(faust.jid)).to.deep.equal(await browse('nobody@localhost'))
    const share = { share: 'Bilder-2002', deep: false }
    expect(await mephisto.refused('browse', { peer: faust.jid, ...share })).to.equal(
      await mephisto.refused('browse', { peer: 'nobody@localhost', ...share }),
    )
    await faust.ask('blocking', { domains: ['localhost'], peers: [] })
    expect(await mephisto.find('girl')).to.deep.equal([])
    expect(await faust.find('girl')).to.have.lengthOf(1)
    await faust.ask('blocking', { domains: [], peers: [] })
    expect(await mephisto.find('girl')).to.have.lengthOf(1)
  })

  it('who unshares, or unregisters, is found no more', async () => {
    const { id } = await faust.ask('register', { id: '0'.repeat(32) })
    // With an id that is no longer there it begins anew.
    expect(await mephisto.find('girl')).to.deep.equal([])
    await faust.share('Lieder-2002', [file('song_hell.mp3')])
    expect(await mephisto.find('hell')).to.deep.equal(['song_hell.mp3'])
    await faust.ask('unshare', { id: 'Lieder-2002' })
    expect(await mephisto.find('hell')).to.deep.equal([])
    expect(await faust.refused('unshare', { id: 'Lieder-2002' })).to.equal('item-not-found/cancel')
    expect(id).to.match(/^[0-9a-f]{32}$/)
    await faust.ask('unregister', {})
    await faust.ask('unregister', {})
    expect(
      await faust.refused('share', { id: 'Lieder-2003', name: 'x', tags: [], visibility: everybody }),
    ).to.equal('unexpected-request/wait')
  })
})
