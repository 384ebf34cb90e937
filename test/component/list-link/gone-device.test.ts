/** A device that went without a word while it was told where to bring its list: what it brings next need not wait for that. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ListLink } from '../../../component/list-link/list-link.js'
import { Parts } from '../../../component/list-link/parts.js'
import { createDeviceIdentity, openDoor } from '../../../link/index.js'
import { type Action, readAction, writeAction } from '../../../schemas/index.js'
import { freePort } from '../../../scripts/free-port.js'
import { rootOf } from '../desk/asking.js'
import { Inbox } from '../stage.js'

const domain = 'files.goethe.example'
const party = { peer: 'faust@goethe.example', device: 'a'.repeat(64) }

describe('a list of a device that was killed', () => {
  let state: string
  let lists: ListLink
  const told = new Inbox<Action>()

  before(async () => {
    state = mkdtempSync(join(tmpdir(), 'jabberfs-gone-device-'))
    const identity = await createDeviceIdentity()
    const door = await openDoor({ identity, port: await freePort(), host: '127.0.0.1', allowLoopback: true })
    lists = new ListLink(domain, async (jid) => ({ row: 1, party, jid, heard: 0 }), {
      door,
      device: identity.id,
      domain,
      parts: new Parts(state),
      store: { replaceShare: () => Promise.reject(new Error('no list comes')) },
      // The device is gone, and its server does not know it yet: there is never an answer.
      tell: (_, payload) => {
        told.put(readAction(payload))
        return new Promise(() => {})
      },
      clock: Date.now,
      log: { debug() {}, error() {} },
    })
  })
  after(async () => {
    await lists?.close()
    rmSync(state, { recursive: true, force: true })
  })

  const offer = (id: string) => {
    const file = { filename: 'catalogue-list', filesize: 100, root: rootOf(id), hashes: [], rootLater: false }
    const value = { id, peer: domain, every: false, files: [file] }
    return lists.hear(`${party.peer}/${id}`, writeAction({ action: 'offer', value }))
  }

  it('is ended by its next one, though nobody ever answered what was said of it (case 115)', async () => {
    await offer('before-it-was-killed')
    expect((await told.next()).action).to.equal('accept')
    await offer('after-it-came-back')
    const two = [await told.next(), await told.next()]
    expect(two.map(({ action, value }) => `${action} ${(value as { id?: string }).id}`).sort()).to.deep.equal(
      ['abort before-it-was-killed', 'accept after-it-came-back'],
    )
  })

  it('does not hold up the end of the component either', async () => {
    await lists.close()
    expect(lists.size).to.equal(0)
  })
})
