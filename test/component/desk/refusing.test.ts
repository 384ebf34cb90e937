/** What the catalogue does not do is said by the conditions of docs/catalogue.md, "Errors". */

import { expect } from 'chai'
import type { Refusal } from '../../../component/catalogue/values.js'
import { granted } from '../../../component/desk/refusing.js'
import { Refused } from '../../../wire/index.js'

describe('a refusal of the catalogue', () => {
  const said = (refusal: Refusal) => {
    try {
      granted(refusal)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { condition, type, app } = error
      return [`${condition}/${type}`, app?.name, app?.attrs.after ?? app?.attrs.max]
        .filter((part) => part)
        .join(' ')
    }
    return 'granted'
  }

  it('of a search that took too long is "later", as of a store that has no time (case 56)', () => {
    expect(said({ kind: 'too-slow' })).to.equal('resource-constraint/wait retry 5')
    expect(said({ kind: 'busy' })).to.equal('resource-constraint/wait retry 5')
  })

  it('of more than may be says how much that is (case 47)', () => {
    expect(said({ kind: 'quota', of: 'entries', used: 500_000, max: 500_000 })).to.equal(
      'resource-constraint/wait quota 500000',
    )
  })

  it('of what is not there, or may not be seen, says nothing more', () => {
    expect(said({ kind: 'not-found' })).to.equal('item-not-found/cancel')
  })
})
