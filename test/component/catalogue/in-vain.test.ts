/** A search that finds nothing does not wait behind those of others. */

import { expect } from 'chai'
import { Readers } from '../../../component/catalogue/readers.js'
import type { Query } from '../../../component/catalogue/values.js'
import { entry, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'

describe('catalogue: searches in vain', function () {
  this.timeout(180_000)
  let stage: Stage
  let readers: Readers
  before(async () => {
    stage = new Stage()
    await stage.open()
    await stage.share(faust, [entry('open song.mp3')])
    await stage.share(faust, [entry('hidden thought.txt')], { share: 'diary', visibleTo: { kind: 'nobody' } })
    // All threads for searches are busy for good: there is none.
    readers = new Readers({ path: stage.path, threads: 0, maxWaitingPerAsker: 100 })
  })
  after(async () => {
    await readers.close()
    await stage.end()
  })

  const nothing = { found: new Float64Array(0), isPartial: false, first: [] }
  const search = (asker: string, query: Query) => readers.ask('searchPage', asker, query, 10)

  it('are answered while every thread is busy, if a word is in nothing that the asker may see (P17)', async () => {
    expect(await search(me, { words: 'nowhere' })).to.deep.equal(nothing)
    expect(await search(me, { words: 'song nowhere', online: true })).to.deep.equal(nothing)
  })

  it('P11: a word that is hidden from the asker is answered like one that nobody has', async () => {
    expect(await search(me, { words: 'thought' })).to.deep.equal(nothing)
    const answers: unknown[] = []
    const own = search(faust, { words: 'thought' }).then((answer) => answers.push(answer))
    const open = search(me, { words: 'song' }).then((answer) => answers.push(answer))
    const part = search(me, { words: 'nowh*' }).then((answer) => answers.push(answer))
    // Asked after them, and answered.
    expect(await search(me, { words: 'nowhere' })).to.deep.equal(nothing)
    expect(answers).to.deep.equal([])
    await readers.close()
    await Promise.all([own, open, part])
    expect(answers).to.deep.equal([{ kind: 'busy' }, { kind: 'busy' }, { kind: 'busy' }])
  })
})
