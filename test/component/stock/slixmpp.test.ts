/** Stock clients search, browse and look after their own, with slixmpp as Debian has it (docs/catalogue.md, "Stock clients"). */

import { expect } from 'chai'
import { parseXml } from '../../../schemas/index.js'
import { everybody, file, nobody, only, Person, until } from '../desk/asking.js'
import { newOfferId, Stage, someFile } from '../stage.js'
import { SlixmppClient } from './slixmpp-client.js'

describe('slixmpp, which has never heard of us', () => {
  let stage: Stage
  let faust: Person
  let gretchen: Person
  let mephisto: SlixmppClient
  let admin: SlixmppClient

  before(async function () {
    this.timeout(180_000)
    stage = await Stage.open({ admins: ['root@localhost'] })
    faust = await Person.at(stage, 'faust')
    gretchen = await Person.at(stage, 'gretchen')
    await faust.ask('register', {})
    await gretchen.ask('register', {})
    const girl = file('2002/my_girl.jpg', { size: 35_012, type: 'image/jpeg' })
    await faust.share('Bilder-2002', [girl, file('readme.txt', { type: 'text/plain' })], {
      name: 'Bilder',
      tags: ['fotos'],
    })
    await faust.share('Geheim-2002', [file('girl secret.txt')], { visibility: nobody, name: 'Geheim' })
    await gretchen.share('Fotos-2002', [{ ...girl, path: 'ich.jpg' }], { visibility: everybody })
    await gretchen.share('Nur-Faust1', [file('girl only.txt')], {
      visibility: only({ peers: [faust.jid] }),
    })
    ;[mephisto, admin] = await Promise.all([
      SlixmppClient.at(stage, 'mephisto'),
      SlixmppClient.at(stage, 'root'),
    ])
  })
  after(async () => {
    await mephisto?.close()
    await admin?.close()
    await stage?.close()
  })

  it('is told by discovery what there is', async () => {
    const { identities, features } = await mephisto.ask('info')
    expect(identities).to.deep.equal([['store', 'file', 'jabberFS']])
    const wanted = ['jabber:iq:search', 'jabber:iq:register', 'urn:xmpp:fis:0', 'urn:xmpp:time']
    expect(features).to.include.members([...wanted, 'http://jabber.org/protocol/commands'])
    expect(Date.parse(await mephisto.ask('time'))).to.be.closeTo(Date.now(), 60_000)
  })

  it('searches with a form: words, kind, tag, size, who is online, whose', async () => {
    const fields = await mephisto.ask('form')
    expect(Object.keys(fields)).to.deep.equal([
      'FORM_TYPE',
      'words',
      'kind',
      'tag',
      'min-size',
      'max-size',
      'peer',
      'online',
    ])
    const { title, columns, items } = await mephisto.ask('search', { words: 'girl', kind: 'image' })
    expect(title).to.equal('1 of 1 found')
    expect(columns).to.include.members(['name', 'size', 'jid'])
    expect(items).to.have.lengthOf(1)
    expect(items[0]).to.include({
      name: 'my_girl.jpg',
      folder: '2002',
      size: '35012',
      people: '2',
      online: '2',
    })
    expect(items[0].jid).to.equal(faust.jid)
    const found = async (form: object) =>
      (await mephisto.ask('search', form)).items.map(({ name }: { name: string }) => name)
    expect(await found({ words: 'readme', 'min-size': '1 kB', 'max-size': '1 KiB' })).to.deep.equal([
      'readme.txt',
    ])
    expect(await found({ words: 'readme', 'min-size': '1 KiB' })).to.deep.equal([])
    expect(await found({ tag: 'Fotos', kind: 'text' })).to.deep.equal(['readme.txt'])
    expect(await found({ peer: gretchen.jid, online: '1' })).to.deep.equal(['ich.jpg'])
  })

  it('is told what is wrong with a form that it filled in, and finds nothing by what is no search (case 54)', async () => {
    expect(await mephisto.refused('search', { words: 'girl', 'min-size': 'huge' })).to.equal(
      'bad-request/modify',
    )
    expect(await mephisto.refused('search', { online: '1' })).to.equal('bad-request/modify')
    expect((await mephisto.ask('search', { words: '" OR 1=1; --*' })).items).to.deep.equal([])
  })

  it('browses by items: peers, shares, folders, files; and finds a branch or a leaf at each', async () => {
    const shown = (name: string, more: string) => [name, `${name.split('/').at(-1)} (${more})`]
    const bilder = `${faust.jid}/Bilder`
    expect(await mephisto.ask('items')).to.deep.equal([
      shown(faust.jid, '2 files'),
      shown(gretchen.jid, '1 files'),
    ])
    expect(await mephisto.ask('items', { node: faust.jid })).to.deep.equal([shown(bilder, '2 files')])
    expect(await mephisto.ask('items', { node: bilder })).to.deep.equal([
      shown(`${bilder}/2002`, '1 files'),
      shown(`${bilder}/readme.txt`, '1000 bytes'),
    ])
    const kindOf = async (node: string) => {
      const info = await mephisto.ask('info', { node })
      // XEP-0030, 3.2: the answer says again what it is about.
      expect(info.node).to.equal(node)
      return info.identities[0].slice(0, 2)
    }
    for (const node of [faust.jid, bilder, `${bilder}/2002`]) {
      expect(await kindOf(node), node).to.deep.equal(['hierarchy', 'branch'])
    }
    expect(await kindOf(`${bilder}/readme.txt`)).to.deep.equal(['hierarchy', 'leaf'])
    expect(await kindOf('http://jabber.org/protocol/commands')).to.deep.equal(['automation', 'command-list'])
    expect(await kindOf('my-shares')).to.deep.equal(['automation', 'command-node'])
  })

  it('browses by XEP-0329, with files as XEP-0234 describes them', async () => {
    expect((await mephisto.ask('files')).directories).to.deep.equal([faust.jid, gretchen.jid])
    expect((await mephisto.ask('files', { node: faust.jid })).directories).to.deep.equal(['Bilder'])
    expect(await mephisto.ask('files', { node: `${faust.jid}/Bilder/2002` })).to.deep.equal({
      directories: [],
      files: [
        {
          name: 'my_girl.jpg',
          size: 35_012,
          type: 'image/jpeg',
          date: '2002-02-12T20:22:59Z',
          algo: 'jabberfs-blake3-root',
        },
      ],
    })
  })

  it('sees nothing of what is not for it: not in results, lists, counts or errors (P23)', async () => {
    const found = await mephisto.ask('search', { words: 'girl' })
    expect(found.items.map(({ name }: { name: string }) => name)).to.deep.equal(['my_girl.jpg'])
    const refusals = [`${faust.jid}/Geheim`, `${faust.jid}/Geheim-2002`, `${faust.jid}/Nichts`].map((node) =>
      Promise.all(['items', 'files', 'info'].map((what) => mephisto.refused(what, { node }))),
    )
    for (const refused of await Promise.all(refusals)) {
      expect(refused).to.deep.equal(Array(3).fill('item-not-found/cancel'))
    }
    expect((await mephisto.ask('files', { node: 'nobody@localhost' })).directories).to.deep.equal([])
  })

  it('is answered with nothing in it where there is nothing, by pages too (XEP-0059, 2.2)', async () => {
    const page = "<set xmlns='http://jabber.org/protocol/rsm'><max>5</max></set>"
    for (const ns of ['http://jabber.org/protocol/disco#items', 'urn:xmpp:fis:0']) {
      for (const inside of ['', page]) {
        const query = parseXml(`<query xmlns='${ns}' node='nobody@localhost'>${inside}</query>`)
        const answer = await faust.device.ask(query, 'get')
        expect(answer?.children, ns).to.deep.equal([])
        expect(answer?.attrs.node).to.equal('nobody@localhost')
      }
    }
    expect(await mephisto.ask('pages', { max: 5, node: 'nobody@localhost' })).to.satisfy(
      (pages: unknown[][]) => pages.flat().length === 0,
    )
  })

  it('gets long lists by pages', async () => {
    const many = Array.from({ length: 40 }, (_, n) => file(`${String(n).padStart(3, '0')}.txt`))
    await gretchen.share('Viele-2002', many, { name: 'Viele' })
    const pages = await mephisto.ask('pages', { max: 10, node: `${gretchen.jid}/Viele` })
    expect(pages.length).to.be.greaterThan(3)
    expect(pages.flat()).to.deep.equal(many.map(({ path }) => `${gretchen.jid}/Viele/${path}`))
    await gretchen.ask('unshare', { id: 'Viele-2002' })
  })

  it('registers, and takes back what its account has', async () => {
    expect((await mephisto.ask('registration')).registered).to.equal(false)
    await mephisto.ask('register')
    expect((await mephisto.ask('registration')).registered).to.equal(true)
    const plugin = await Person.at(stage, 'mephisto')
    await plugin.ask('register', {})
    await plugin.share('Hexen-2002', [file('hexeneinmaleins.txt')])
    expect(await faust.find('hexeneinmaleins')).to.have.lengthOf(1)
    await mephisto.ask('unregister')
    expect((await mephisto.ask('registration')).registered).to.equal(false)
    expect(await faust.find('hexeneinmaleins')).to.deep.equal([])
  })

  it('looks after its own by commands: shares and transfers, and ends one of them', async () => {
    const own = await SlixmppClient.at(stage, 'gretchen')
    try {
      expect(await own.ask('commands')).to.deep.equal(['abort', 'my-shares', 'my-transfers', 'unshare'])
      const { items } = await own.ask('command', { node: 'my-shares' })
      expect(items.map(({ id }: { id: string }) => id)).to.deep.equal(['Fotos-2002', 'Nur-Faust1'])
      const { options } = await own.ask('command', { node: 'unshare' })
      expect(options.share).to.deep.equal(['Fotos-2002', 'Nur-Faust1'])
      const asked = { node: 'unshare', fields: { share: 'Nur-Faust1' } }
      expect(await own.refused('command', { ...asked, action: 'prev' })).to.equal('bad-request/modify')
      expect(await faust.find('girl only')).to.have.lengthOf(1)
      const { notes } = await own.ask('command', asked)
      expect(notes).to.deep.equal([['info', 'Nur-Faust1 is shared no longer.']])
      expect(await faust.find('girl only')).to.deep.equal([])

      const id = newOfferId()
      await gretchen.device.say('offer', { id, peer: faust.jid, every: false, files: [someFile()] })
      const offer = await faust.device.next('offer')
      const transfers = await own.ask('command', { node: 'my-transfers' })
      expect(transfers.items).to.deep.equal([
        { file: 'my_girl.jpg', way: 'out', peer: faust.jid, phase: 'proposed', sid: offer.sid },
      ])
      await own.ask('command', { node: 'abort', fields: { sid: offer.sid } })
      expect((await faust.device.next('abort')).sid).to.equal(offer.sid)
      expect((await own.ask('command', { node: 'my-transfers' })).items).to.deep.equal([])
    } finally {
      await own.close()
    }
  })

  it('is shown the commands of administrators only if it is one', async () => {
    for (const node of ['statistics', 'peers', 'remove-peer', 'block', 'unblock']) {
      expect(await mephisto.refused('command', { node }), node).to.equal('item-not-found/cancel')
      expect(await admin.ask('commands')).to.include(node)
    }
  })

  it('being an administrator, sees figures and peers, takes back what one has, and keeps him out', async () => {
    const { values } = await admin.ask('command', { node: 'statistics' })
    expect(Number(values.entries)).to.be.greaterThan(2)
    const { items } = await admin.ask('command', { node: 'peers' })
    expect(items.map(({ peer }: { peer: string }) => peer)).to.include(faust.jid)
    const gone = await admin.ask('command', { node: 'remove-peer', fields: { who: gretchen.jid } })
    expect(gone.notes).to.deep.equal([['info', `What ${gretchen.jid} shared is taken back.`]])
    expect(await faust.find('ich')).to.deep.equal([])

    await admin.ask('command', { node: 'block', fields: { who: 'mephisto@localhost' } })
    expect(await mephisto.refused('search', { words: 'girl' })).to.equal('forbidden/auth')
    await admin.ask('command', { node: 'unblock', fields: { who: 'mephisto@localhost' } })
    await until(
      () => mephisto.refused('search', { words: 'girl' }),
      (how) => how === 'result',
    )
  })
})
