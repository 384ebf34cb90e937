/** Marks that somebody makes up, to learn from the order of a list where hidden names stand in it. */

import { expect } from 'chai'
import { Stage } from '../stage.js'
import { file, Person } from './asking.js'

describe('a mark that was made up (case 100, P11)', () => {
  let stage: Stage
  let mephisto: Person
  before(async () => {
    stage = await Stage.open()
    const faust = await Person.at(stage, 'faust')
    mephisto = await Person.at(stage, 'mephisto')
    const shares = [
      { person: faust, id: 'geheim-0001', kind: 'nobody' as const, paths: ['m/pakt.txt', 'm/q.txt'] },
      {
        person: mephisto,
        id: 'meins-00001',
        kind: 'everybody' as const,
        paths: ['m/a', 'm/p', 'm/pb', 'z/z'],
      },
    ]
    for (const { person, id, kind, paths } of shares) {
      await person.ask('register', {})
      await person.ask('share', { id, name: id, tags: [], visibility: { kind } })
      const adds = paths.map((path) => file(path))
      await person.ask('publish', { share: id, base: 0, seq: 1, removes: [], adds })
    }
  })
  after(() => stage?.close())

  const own = (after?: string) => ({
    peer: mephisto.jid,
    share: 'meins-00001',
    deep: true,
    page: { max: 1, ...(after !== undefined && { after }) },
  })

  it('begins no page: the number of a hidden path is not compared with one’s own', async () => {
    for (let number = 0; number < 12; number++) {
      expect(await mephisto.refused('browse', own(`p${number}`))).to.equal('item-not-found/cancel')
    }
    const { page } = await mephisto.ask('browse', own())
    expect(await mephisto.refused('browse', own(page.last))).to.equal('result')
    const other = `${page.last.slice(0, -2)}${page.last.at(-2) === 'A' ? 'B' : 'A'}${page.last.at(-1)}`
    expect(await mephisto.refused('browse', own(other))).to.equal('item-not-found/cancel')
  })

  it('and one that was given says nothing of how many paths there are', async () => {
    const { page } = await mephisto.ask('browse', own())
    expect(page.last).not.to.match(/^p\d+$/)
    const { page: again } = await mephisto.ask('browse', own())
    expect(again.last).to.have.lengthOf(page.last.length).and.not.equal(page.last)
  })
})
