/** Stock clients while the catalogue has too much to do: "come back later" is said then, and never "there is nothing" (P16). */

import { expect } from 'chai'
import type { Catalogue } from '../../../component/catalogue/catalogue.js'
import { Access } from '../../../component/desk/access.js'
import { Marks } from '../../../component/desk/marks.js'
import { filesOf } from '../../../component/stock/browsing.js'
import { isFile, placeAt } from '../../../component/stock/places.js'
import { registrationOf } from '../../../component/stock/registration.js'
import { nsFileSharing, xml } from '../../../schemas/index.js'
import { Refused } from '../../../wire/index.js'
import { entry, Stage } from '../catalogue/stage.js'

const gretchen = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'
const shared = `${faust}/stuff`

describe('stock clients of a catalogue that has too much to do', function () {
  this.timeout(180_000)
  let stage: Stage
  let catalogue: Catalogue
  const waiting: Promise<unknown>[] = []
  before(async () => {
    stage = new Stage()
    // All threads for questions are busy for good: there is none.
    catalogue = await stage.open({ readers: 0 })
    await stage.share(faust, [entry('2002/my_girl.jpg')])
    // As many as may wait of one who asks, and of another.
    for (const asker of [gretchen, faust]) for (let n = 0; n < 8; n++) waiting.push(catalogue.tags(asker, 10))
  })
  after(async () => {
    await stage.end()
    await Promise.all(waiting)
  })

  const means = () => {
    const free = { pass() {} }
    return {
      domain: 'files',
      catalogue,
      access: new Access(['*']),
      marks: new Marks(),
      gate: free,
      pace: free,
    }
  }
  const laterFrom = async (answer: Promise<unknown>) => {
    const said = await answer.then(
      () => 'an answer',
      (error) => error,
    )
    expect(said).to.be.instanceOf(Refused)
    expect(said).to.include({ condition: 'resource-constraint', type: 'wait' })
  }

  it('are told so of a share that is there, and of a peer who has some', async () => {
    await laterFrom(placeAt(catalogue, gretchen, shared))
    await laterFrom(placeAt(catalogue, gretchen, faust))
    await laterFrom(filesOf(means(), `${gretchen}/1`, xml('query', { xmlns: nsFileSharing, node: shared })))
    await laterFrom(isFile(catalogue, gretchen, `${shared}/2002/my_girl.jpg`))
  })

  it('are told so of their registration, when nobody can tell now', async () => {
    await laterFrom(registrationOf(means(), `${faust}/1`))
  })
})
