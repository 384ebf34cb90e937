/** Who has a place for a list: so many for everybody, and never all of them for another server's people. */

import { expect } from 'chai'
import { ListLink } from '../../../component/list-link/list-link.js'
import type { ListSurroundings } from '../../../component/list-link/one-list.js'
import { bareJid, writeAction } from '../../../schemas/index.js'
import { Refused } from '../../../wire/index.js'
import { rootOf } from '../desk/asking.js'

/** How something was refused. */
const refused = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'not at all',
    (error) => (error instanceof Refused ? `${error.condition}/${error.type}` : String(error)),
  )

describe('places for lists', () => {
  /** A list link, and an offer to it by somebody. */
  const opened = () => {
    // Every list stays at its beginning until it is stopped.
    const around = {
      door: { close() {} },
      parts: {
        open: (_: unknown, signal: AbortSignal) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(new Error('ended'))),
          ),
        close() {},
      },
      tell: async () => undefined,
      clock: Date.now,
      log: { debug() {}, error() {} },
    } as unknown as ListSurroundings
    const session = (from: string) => ({ peer: bareJid(from)!, device: 'a'.repeat(64) })
    const lists = new ListLink(
      'files.goethe.example',
      async (from) => ({ row: 1, party: session(from), jid: from, heard: 0 }),
      around,
    )
    const offer = (from: string) => {
      const file = {
        filename: 'catalogue-list',
        filesize: 100,
        root: rootOf(`${offers} ${from}`),
        hashes: [],
        rootLater: false,
      }
      const value = {
        id: `list-${++offers}-of-${from.slice(0, 4)}`,
        peer: 'files.goethe.example',
        every: false,
        files: [file],
      }
      return Promise.resolve(lists.hear(`${from}/Pult`, writeAction({ action: 'offer', value })))
    }
    return { lists, offer }
  }
  let offers = 0

  it('are never all taken by people of one other server (P17, case 44)', async () => {
    const { lists, offer } = opened()
    for (const name of ['anna', 'bert', 'carl', 'dora']) await offer(`${name}@markt.example`)
    expect(await refused(offer('emil@markt.example'))).to.equal('resource-constraint/wait')
    for (const name of ['faus', 'meph', 'gret', 'wagn']) await offer(`${name}@goethe.example`)
    expect(await refused(offer('mart@goethe.example'))).to.equal('resource-constraint/wait')
    await lists.close()
  })
  it('are not all taken by one other server under two names (P17, case 44)', async () => {
    const { lists, offer } = opened()
    for (const name of ['anna', 'bert', 'carl', 'dora']) await offer(`${name}@markt.example`)
    for (const name of ['emil', 'fritz']) await offer(`${name}@other.markt.example`)
    expect(await refused(offer('gusti@other.markt.example'))).to.equal('resource-constraint/wait')
    for (const name of ['faus', 'meph']) await offer(`${name}@goethe.example`)
    expect(lists.size).to.equal(8)
    await lists.close()
  })
  it('are not all taken by other servers, however many they are (P17, case 44)', async () => {
    const { lists, offer } = opened()
    for (const name of ['anna', 'bert', 'carl', 'dora']) await offer(`${name}@markt.example`)
    for (const name of ['emil', 'fritz']) await offer(`${name}@other.example`)
    await offer('gusti@third.example')
    expect(await refused(offer('hans@fourth.example'))).to.equal('resource-constraint/wait')
    await offer('faust@goethe.example')
    expect(await refused(offer('gretchen@goethe.example'))).to.equal('resource-constraint/wait')
    expect(lists.size).to.equal(8)
    await lists.close()
  })
  it('are given up by those who only offer, for somebody who does not (P17)', async () => {
    const { lists, offer } = opened()
    const eight = ['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee', 'ffff', 'gggg', 'hhhh'].map(
      (name) => `${name}@goethe.example`,
    )
    for (const who of eight) await offer(who)
    // Nothing is known of anybody yet.
    expect(await refused(offer('mart@goethe.example'))).to.equal('resource-constraint/wait')
    for (const who of eight) await offer(who)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(lists.size).to.equal(8)
    expect(await refused(offer('mart@goethe.example'))).to.equal('not at all')
    expect(lists.size).to.equal(8)
    // Who had to go comes to the others' places no better than they.
    expect(await refused(offer('hhhh@goethe.example'))).to.be.oneOf([
      'resource-constraint/wait',
      'not at all',
    ])
    expect(await refused(offer('iiii@goethe.example'))).to.equal('not at all')
    await lists.close()
  })
})
