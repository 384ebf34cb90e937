/** Whether a path fits a saved search is told quickly; it has to be what ranking says. */

import { expect } from 'chai'
import fc from 'fast-check'
import { needlesOf, textOf } from '../../../component/catalogue/word-needles.js'
import { parseQuery } from '../../../protocol/catalogue/query.js'
import { rankOf, wordsOfPath } from '../../../protocol/catalogue/ranking.js'

const word = fc.constantFrom('ab', 'abc', 'bca', 'cab', 'b', 'ß', '日本', '本日語', '語', 'ไทย', '♥', '7')
const said = fc
  .array(fc.tuple(fc.constantFrom('', '*'), word, fc.constantFrom('', '*', '-')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((words) => words.map((parts) => parts.join('')).join(' '))
const named = fc
  .array(fc.tuple(word, fc.constantFrom(' ', '_', '', '.')), { minLength: 1, maxLength: 5 })
  .map((words) => words.flat().join(''))

describe('catalogue: the words of a saved search', () => {
  it('are in a path exactly where ranking finds all of them', () => {
    let fit = 0
    fc.assert(
      fc.property(said, fc.oneof(fc.constant(''), named), named, (query, folder, name) => {
        const terms = parseQuery(query)
        const words = wordsOfPath(folder, name)
        const text = textOf(words)
        const isIn = needlesOf(terms).every((needle) => text.includes(needle))
        expect(isIn).to.equal(rankOf(terms, words) !== undefined)
        if (isIn) fit++
      }),
      { numRuns: 3_000 },
    )
    expect(fit).to.be.greaterThan(300)
  })
})
