/** When a contact who does not answer gets a plain message (decision 0020): the clock is played, also one that is wrong. */

import { expect } from 'chai'
import { PlainMessages, type PlainMessagesAround } from '../../../client-plugin/contacts/plain-messages.js'
import type { AnyTransfer } from '../../../client-plugin/transfer/kinds.js'
import type { Element } from '../../../schemas/index.js'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const begin = Date.UTC(2026, 10, 20, 12)

describe('the clock of plain messages', () => {
  const { now } = Date
  let time: number
  let notes: string | undefined
  let said: { to: string; body: string }[]
  let offers: number

  beforeEach(() => {
    time = begin
    notes = undefined
    said = []
    offers = 0
    Date.now = () => time
  })
  afterEach(() => {
    Date.now = now
  })

  const messages = (afterMs: number, perDay = 20) =>
    new PlainMessages({
      entity: {
        status: 'online',
        send: async (stanza: Element) => {
          said.push({ to: String(stanza.attrs.to), body: stanza.getChildText('body') ?? '' })
        },
      } as unknown as PlainMessagesAround['entity'],
      journal: {
        recall: () => notes,
        remember: (_name: string, value: string) => {
          notes = value
        },
      } as PlainMessagesAround['journal'],
      welcome: { isContact: () => true, isBlocked: () => false } as unknown as PlainMessagesAround['welcome'],
      self: () => 'faust@goethe.example',
      component: 'files.goethe.example',
      afterMs,
      perDay,
      fault: (error) => {
        throw error
      },
    })
  const offer = (peer: string, more: object = {}): AnyTransfer => {
    const record = {
      n: ++offers,
      peer,
      filename: 'girl.jpg',
      filesize: 35_012,
      authored: true,
      direction: 'sending',
      phase: 'proposed',
      created: time,
      ...more,
    }
    const note = (changes: object) => Object.assign(record, changes)
    return { record, parts: [], note } as unknown as AnyTransfer
  }
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  /** Whether the program's end has one said about a new offer to this person. */
  const isSaidTo = (peer: string, perDay?: number): boolean => {
    const before = said.length
    const ours = messages(10_000, perDay)
    ours.watch(offer(peer))
    ours.stop()
    return said.length > before
  }

  it('begins when the offer is made, and goes on over a restart of the program', async () => {
    const ours = messages(10_000)
    ours.watch(offer('new@goethe.example'))
    ours.watch(offer('almost@goethe.example', { created: time - 9_950 }))
    ours.watch(offer('due@goethe.example', { created: time - 10_000 }))
    ours.watch(offer('long@goethe.example', { created: time - 3 * dayMs }))
    await wait(25)
    expect(said.map(({ to }) => to)).to.have.members(['due@goethe.example', 'long@goethe.example'])
    await wait(100)
    expect(said.map(({ to }) => to))
      .to.include('almost@goethe.example')
      .and.have.length(3)
    ours.stop()
    expect(said.map(({ to }) => to))
      .to.include('new@goethe.example')
      .and.have.length(4)
  })

  it('waits no longer than that for one that was made by a clock that was ahead', async () => {
    const ours = messages(30)
    ours.watch(offer('ahead@goethe.example', { created: time + 300 * dayMs }))
    await wait(150)
    expect(said).to.have.length(1)
  })

  it('says one to a contact in a day, and the next when the day is over', () => {
    expect(isSaidTo('mephisto@goethe.example')).to.equal(true)
    time += dayMs - 1
    expect(isSaidTo('mephisto@goethe.example')).to.equal(false)
    expect(isSaidTo('gretchen@goethe.example')).to.equal(true)
    time += 1
    expect(isSaidTo('mephisto@goethe.example')).to.equal(true)
    expect(isSaidTo('gretchen@goethe.example')).to.equal(false)
  })

  it('says so many in a day in all, and as many more as have grown a day old', () => {
    const all = Array.from({ length: 5 }, (_, at) => {
      time += hourMs
      return isSaidTo(`contact-${at}@goethe.example`, 3)
    })
    expect(all).to.deep.equal([true, true, true, false, false])
    time = begin + dayMs + hourMs
    expect(isSaidTo('sixth@goethe.example', 3)).to.equal(true)
    expect(isSaidTo('seventh@goethe.example', 3)).to.equal(false)
  })

  it('is not held back by what was noted with a clock that was far ahead', () => {
    time += 30 * dayMs
    expect(isSaidTo('mephisto@goethe.example', 1)).to.equal(true)
    time = begin
    expect(isSaidTo('mephisto@goethe.example', 1)).to.equal(true)
    expect(isSaidTo('mephisto@goethe.example', 1)).to.equal(false)
  })

  it('names the component to who would not find it by asking his own server', () => {
    isSaidTo('mephisto@goethe.example')
    expect(said.at(-1)!.body).to.contain('in jabberFS and accept the offer: jabberfs receive.')
    isSaidTo('paris@troy.example')
    expect(said.at(-1)!.body).to.contain(
      'in jabberFS (--component files.goethe.example) and accept the offer',
    )
  })

  it('says until when it stands: as its author wished, and a week at most', () => {
    const untilOf = (expires?: string) => {
      time += 2 * dayMs
      const ours = messages(10_000)
      ours.watch(offer('mephisto@goethe.example', { created: begin, ...(expires && { expires }) }))
      ours.stop()
      return /It stands until (.*) UTC\./.exec(said.at(-1)!.body)?.[1]
    }
    expect(untilOf()).to.equal('2026-11-27 12:00')
    expect(untilOf('2026-11-24T18:30:00.000Z')).to.equal('2026-11-24 18:30')
    expect(untilOf('2027-01-01T00:00:00.000Z')).to.equal('2026-11-27 12:00')
  })
})
