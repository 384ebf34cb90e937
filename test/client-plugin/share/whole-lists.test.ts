/** Which way the changes of a share go while its files are still being hashed: a list is waited for, not for ever. */

import { expect } from 'chai'
import type { ShareStand } from '../../../client-plugin/share/keeper-messages.js'
import type { KeeperThread } from '../../../client-plugin/share/keeper-thread.js'
import { WholeLists } from '../../../client-plugin/share/whole-lists.js'

describe('the way of a share to the catalogue', () => {
  let now: number
  let lists: WholeLists
  beforeEach(() => {
    now = 1_000_000
    const call = async (name: string) => (name === 'list' ? { file: 'list', seq: 1, entries: 1 } : undefined)
    const keeper = { call } as unknown as KeeperThread
    const report = () => undefined
    lists = new WholeLists(keeper, { sendPacked: async () => undefined }, report, () => now)
  })

  const stand = (some: Partial<ShareStand>) =>
    ({
      ...{ id: 'marthens-garten', phase: 'still', told: 0, unhashedFiles: 0 },
      ...{ dirtyBytes: 160 * (some.dirty ?? 0), ...some },
    }) as ShareStand
  /** Seconds until something is said, looked at each second as by a folder that never rests; undefined where it is not in a day. */
  const untilSaid = (at: (second: number) => ShareStand): number | undefined => {
    for (let second = 0; second < 86_400; second++, now += 1_000)
      if (lists.wayFor(at(second)) !== 'wait') return second
    return undefined
  }
  const sent = (at: ShareStand) => new Promise<void>((resolve) => lists.begin(at, resolve))

  it('is a list as soon as all is hashed', () => {
    expect(lists.wayFor(stand({ files: 1_000, dirty: 1_000, unhashedFiles: 1 }))).to.equal('wait')
    expect(lists.wayFor(stand({ files: 1_001, dirty: 1_001 }))).to.equal('link')
  })

  it('is a list within minutes where a folder is changed without rest', () => {
    const files = 100_000
    const changing = (second: number) =>
      stand({ files, told: files, dirty: 600 + 60 * second, unhashedFiles: 120 })
    expect(untilSaid(changing)).to.be.within(30, 90)
  })

  it('is a list within half a minute where a first hashing takes hours, and again as more is hashed', async () => {
    const files = 500_000
    const hashing = (told: number) => (second: number) =>
      stand({ files, told, dirty: 12_000 + 50 * second, unhashedFiles: files - told - 12_000 - 50 * second })
    expect(untilSaid(hashing(0))).to.be.within(10, 40)
    await sent(stand({ files }))
    expect(lists.wayFor(hashing(12_000)(0)), 'the next one is waited for, too').to.equal('wait')
    expect(untilSaid(hashing(400_000))).to.be.within(100, 300)
  })

  it('begins to wait anew after few changes, which go by themselves', () => {
    const many = stand({ files: 1_000, told: 1_000, dirty: 900, unhashedFiles: 1 })
    expect(lists.wayFor(many)).to.equal('wait')
    now += 3_600_000
    expect(lists.wayFor(stand({ files: 1_000, told: 1_000, dirty: 10, unhashedFiles: 1 }))).to.equal(
      'stanzas',
    )
    expect(lists.wayFor(many)).to.equal('wait')
  })
})
