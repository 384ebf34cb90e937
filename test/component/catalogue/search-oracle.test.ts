/**
 * Random searches of random catalogues, compared with an oracle that knows nothing but docs/catalogue.md (oracle/).
 *
 * A small round goes with every run of the suite; `npm run test:fuzz` makes longer ones, each with another seed.
 */

import { createRandom } from '../../bytes/random.js'
import { fewEntries, manyAlike } from './oracle/rounds.js'

const isLong = process.env.JABBERFS_ROUNDS === 'long'

describe('catalogue: searches and an oracle', function () {
  this.timeout(isLong ? 600_000 : 180_000)

  it('answers as the oracle does whatever is published, renamed, hidden and taken back (P7, P11)', async () => {
    const round = isLong ? { steps: 200, searches: 6, kills: 3 } : { steps: 30, searches: 8, kills: 1 }
    const seen = await fewEntries(createRandom(), round)
    if (isLong) console.log(`        ${JSON.stringify(seen)}`)
  })

  it('says what is a part where much is alike, and has nothing in it that the oracle has not (P11)', async () => {
    const seen = await (isLong ? manyAlike(createRandom(), 8_000, 150) : manyAlike(createRandom(), 1_000, 30))
    if (isLong) console.log(`        ${JSON.stringify(seen)}`)
  })
})
