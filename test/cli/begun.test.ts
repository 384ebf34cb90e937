/** What orders begin through one process while nobody says anything to it: each follows its own, and begins no more when it is enough. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Conversation } from '../../cli/holder/conversation.js'
import { get } from '../../cli/holder/getting.js'
import { send } from '../../cli/holder/sending.js'
import type { Order, Remark, Report } from '../../cli/words.js'
import type { FileTransfer } from '../../client-plugin/index.js'
import { unconnected } from '../client-plugin/server-away.js'

const peer = 'mephisto@localhost/Skabber'
const MiB = 2 ** 20

/** One who gives an order, hears what comes of it, and may have enough. */
class Person implements Conversation {
  readonly reports: Report[] = []
  readonly gone = new AbortController().signal
  readonly #listeners = new Set<(remark: Remark) => void>()
  #hasEnough = false
  report = (report: Report) => void this.reports.push(report)
  caughtUp = async () => {}
  onRemark = (listener: (remark: Remark) => void) => {
    this.#listeners.add(listener)
    if (this.#hasEnough) queueMicrotask(() => listener({ remark: 'pause' }))
    return () => this.#listeners.delete(listener)
  }
  enough() {
    this.#hasEnough = true
    for (const listener of [...this.#listeners]) listener({ remark: 'pause' })
  }
  get failed() {
    return this.reports.filter((report) => report.report === 'failed')
  }
}

describe('orders of which nothing can be said yet', () => {
  let dir: string
  let files: FileTransfer
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-begun-'))
    for (const name of ['large', 'small', 'into']) mkdirSync(join(dir, name))
    // Never begun: it is as if the server were away.
    files = unconnected(dir)
  })
  afterEach(async () => {
    await files.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const sending = (person: Person, ...paths: string[]) => {
    const order: Extract<Order, { order: 'send' }> = { order: 'send', peer, paths }
    return send(files, order, person)
  }
  const getting = (person: Person, ...names: string[]) => {
    const wishes = names.map((name) => ({ by: 'name' as const, peer, name }))
    return get(
      files,
      { order: 'get', wishes, into: join(dir, 'into'), onConflict: 'rename', other: 'block' },
      person,
    )
  }
  const journaled = async (count: number) => {
    while (files.transfers().length < count) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(files.transfers().length).to.equal(count)
  }

  it('follow their own, though files of one name are sent at the same time', async () => {
    const sizes = { large: 60 * MiB, small: 3 }
    const [first, second] = Object.entries(sizes).map(([name, size]) => {
      const person = new Person()
      writeFileSync(join(dir, name, 'song'), Buffer.alloc(size))
      return { person, size, ends: sending(person, join(dir, name, 'song')) }
    })
    await journaled(2)
    for (const { person, size, ends } of [first!, second!]) {
      person.enough()
      await ends
      expect(person.failed.map(({ filesize }) => filesize)).to.deep.equal([size])
    }
  })

  it('follow what was begun before, where two want the same', async () => {
    const people = [new Person(), new Person()]
    const ends: Promise<number>[] = []
    for (const person of people) {
      ends.push(getting(person, 'girl.jpg'))
      await journaled(1)
    }
    for (const person of people) person.enough()
    await Promise.all(ends)
    const [one, other] = people.map(({ failed }) => failed.map(({ key }) => key))
    expect(one).to.have.length(1)
    expect(one).to.deep.equal(other)
  })

  it('begin nothing more when it is enough', async () => {
    for (const name of ['a', 'b']) writeFileSync(join(dir, name), name)
    const sender = new Person()
    const sent = sending(sender, join(dir, 'a'), join(dir, 'b'))
    await journaled(1)
    sender.enough()
    await sent
    const getter = new Person()
    const got = getting(getter, 'a', 'b')
    await journaled(2)
    getter.enough()
    await got
    await journaled(2)
    for (const { failed } of [sender, getter]) {
      expect(failed.map(({ filename }) => filename)).to.deep.equal(['a'])
    }
  })
})
