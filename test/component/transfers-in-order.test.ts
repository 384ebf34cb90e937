/** Transfers lie in the order of their offers: what an older version kept by session ids is the same after the step. */

import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { migrations } from '../../component/store/migrations.js'
import { openDatabase } from '../../component/store/open.js'
import { openStore } from '../../component/store/store.js'

const byOffer = 4
const transfers = 500

describe('the step that puts transfers in the order of their offers', () => {
  let dir: string
  let path: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-in-order-'))
    path = join(dir, 'component.sqlite')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  /** In no order. */
  const sidOf = (what: string) => createHash('sha256').update(what).digest('hex').slice(0, 32)
  const everything = 'select sid, offer, recipient, phase, due, awaits, state from transfer order by sid'

  function anOlderStore() {
    const db = openDatabase(path, { steps: migrations.slice(0, byOffer) })
    db.exec(`insert into device (id, peer, device, jid, seen) values
      (1, 'faust@goethe.example', 'f', null, 0), (2, 'mephisto@goethe.example', 'm', null, 0), (3, 'mephisto@goethe.example', 'n', null, 0)`)
    const offer = db.prepare(
      `insert into offer (id, author, author_peer, name, kind, recipient, digest, payload, made, ends, open, pending, state)
         values (?, 1, 'faust@goethe.example', ?, 'offer', 'mephisto@goethe.example', '', '', 0, 0, 0, 0, '{"open":false}')`,
    )
    const transfer = db.prepare(
      'insert into transfer (sid, offer, recipient, phase, due, awaits, state) values (?, ?, ?, ?, ?, ?, ?)',
    )
    for (let number = 1; number <= transfers; number++) {
      offer.run(number, `n${number}`)
      for (const recipient of number % 3 === 0 ? [2, 3] : [2]) {
        const sid = sidOf(`${number} ${recipient}`)
        const runs = number % 5 === 0
        const phase = runs ? 'running' : 'complete'
        const state = JSON.stringify({ sid, phase, attempt: number })
        transfer.run(sid, number, recipient, phase, runs ? number : null, runs ? 1 : null, state)
      }
    }
    const before = db.prepare(everything).all()
    db.close()
    return before as { sid: string; offer: number; recipient: number; state: string }[]
  }

  it('keeps each as it was, and finds it by its sid, its offer, its time and who waits (P24)', () => {
    const before = anOlderStore()
    const db = openDatabase(path)
    expect(db.prepare(everything).all()).to.deep.equal(before)
    expect(db.pragma('foreign_key_check')).to.deep.equal([])
    expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
    db.close()
    const store = openStore(path)
    for (const { sid, offer, recipient, state } of before) {
      expect(store.transfers.find(sid)).to.deep.equal({ offer, recipient, state: JSON.parse(state) })
    }
    expect(store.transfers.ofOffer(3).map(({ recipient }) => recipient)).to.deep.equal([2, 3])
    expect(store.transfers.nextDue()).to.equal(5)
    expect(store.transfers.awaiting(1)).to.have.length(before.filter(({ offer }) => offer % 5 === 0).length)
    store.close()
  })

  it('leaves what was there as it was when it fails in its middle (case 61, P24)', () => {
    const before = anOlderStore()
    const [step] = migrations.slice(byOffer)
    const broken = [...migrations.slice(0, byOffer), `${step}; insert into nothing values (1)`]
    expect(() => openDatabase(path, { steps: broken })).to.throw()
    const db = openDatabase(path, { steps: migrations.slice(0, byOffer) })
    expect(db.prepare(everything).all()).to.deep.equal(before)
    db.close()
  })

  it('lets a second transfer of an offer for one device in as little as before', () => {
    anOlderStore()
    const store = openStore(path)
    const [{ state, ...row } = { state: undefined }] = store.transfers.ofOffer(1)
    if (state === undefined) throw new Error('no transfer')
    const again = { ...row, state: { ...state, sid: sidOf('again') } } as Parameters<
      typeof store.transfers.add
    >[0]
    expect(() => store.transfers.add(again)).to.throw(/UNIQUE/)
    expect(() => store.transfers.add({ ...again, recipient: 3, state })).to.throw(/UNIQUE/)
    store.transfers.add({ ...again, recipient: 3 })
    // With its offer it goes.
    store.offers.remove(1)
    expect(store.transfers.find(state.sid)).to.equal(undefined)
    store.close()
  })
})
