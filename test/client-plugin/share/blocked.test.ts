/** Whom the person here blocks, and a component that is older than the plugin. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createClientEntity, type FileTransferError, fileTransfer } from '../../../client-plugin/index.js'
import { blockedBy, nsTransfer, ping, xml } from '../../../schemas/index.js'
import { startProsody } from '../../../scripts/private-prosody.js'
import { createComponentEntity, onPresence, request } from '../../../wire/index.js'
import { put, Stage, until } from './stage.js'

const nsBlocking = 'urn:xmpp:blocking'

describe('blocking by the server’s list', function () {
  this.timeout(180_000)

  it('who is blocked on the server finds nothing, from then on and until he is not any more (case 24)', async () => {
    const stage = await new Stage().open()
    try {
      const faust = await stage.person('faust')
      const mephisto = await stage.person('mephisto')
      const gretchen = await stage.person('gretchen')
      const change = (name: 'block' | 'unblock') =>
        request(faust.entity, {
          type: 'set',
          payload: xml(name, { xmlns: nsBlocking }, xml('item', { jid: mephisto.jid })),
        })
      await change('block')
      const folder = stage.folder('pictures', { 'girl.jpg': 'girl' })
      const { id } = await faust.files.shares.add(folder)
      await faust.files.shares.current(id)
      const hits = async (who = mephisto) =>
        (await who.files.catalogue.search({ words: 'girl' })).items.length
      expect(
        await until(
          () => hits(gretchen),
          (found) => found === 1,
        ),
      ).to.equal(1)
      expect(await hits()).to.equal(0)
      await change('unblock')
      expect(await until(hits, (found) => found === 1)).to.equal(1)
      await change('block')
      expect(await until(hits, (found) => found === 0)).to.equal(0)
      expect(await hits(gretchen)).to.equal(1)
    } finally {
      await stage.close()
    }
  })

  it('people and domains are blocked, single resources are not', () => {
    const jids = [
      'Mephisto@Goethe.example',
      'hexen.example',
      'marthe@goethe.example/Markt',
      '',
      '@',
      'hexen.example',
    ]
    expect(blockedBy(jids)).to.deep.equal({ domains: ['hexen.example'], peers: ['mephisto@goethe.example'] })
  })
})

describe('a plugin that is newer than its component', function () {
  this.timeout(180_000)

  it('says that there is no catalogue, and transfers as before (case 112)', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jabberfs-older-'))
    const prosody = await startProsody({ iterations: 100, users: { faust: 'secret' } })
    const { componentDomain: domain, componentService, secret, service } = prosody
    const component = createComponentEntity({ service: componentService, domain, secret })
    onPresence(component, (presence) => {
      const login = presence.getChild('login', nsTransfer)
      if (!login || presence.attrs.type !== undefined) return
      void component.send(xml('presence', { from: domain, to: presence.attrs.from! }, login))
    })
    await component.start()
    const entity = createClientEntity({ jid: 'faust@localhost', password: 'secret', service })
    await entity.start()
    const files = fileTransfer(entity, { component: domain, state: join(dir, 'state') })
    try {
      await files.ready
      const code = await files.catalogue.search({ words: 'girl' }).then(
        () => 'none',
        (error: FileTransferError) => error.code,
      )
      expect(code).to.equal('no-catalogue')
      put(join(dir, 'shared'), 'girl.jpg', 'girl')
      const { id } = await files.shares.add(join(dir, 'shared'))
      const info = await until(
        () => files.shares.list()[0]!,
        ({ trouble, state }) => trouble !== undefined && state === 'waiting',
      )
      expect([info.id, info.state, info.trouble?.code]).to.deep.equal([id, 'waiting', 'no-catalogue'])
      expect(files.isReady).to.equal(true)
      await request(entity, { to: domain, type: 'get', payload: ping() })
    } finally {
      await files.stop()
      await entity.stop()
      await component.stop()
      await prosody.stop()
      rmSync(dir, { recursive: true })
    }
  })
})
