/** Words, queries and the order of results: the pure part. */

import { expect } from 'chai'
import fc from 'fast-check'
import { fold } from '../../../protocol/catalogue/folding.js'
import { splitPath } from '../../../protocol/catalogue/paths.js'
import { maxTerms, parseQuery } from '../../../protocol/catalogue/query.js'
import { compareStanding, rankOf, wordsOfPath } from '../../../protocol/catalogue/ranking.js'
import { maxWords, wordsOf } from '../../../protocol/catalogue/words.js'

const texts = fc.string({ unit: 'binary', maxLength: 60 })

describe('protocol: words of the catalogue', () => {
  it('folding twice is folding once', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(fold(fold(text))).to.equal(fold(text))
      }),
    )
  })

  it('case 54: a word has nothing in it that is syntax to anybody, and there are not too many', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const words = wordsOf(text)
        expect(words.length).to.be.at.most(maxWords)
        for (const word of words) expect(word).to.match(/^[\p{L}\p{M}\p{N}\p{Extended_Pictographic}ー]+$/u)
      }),
    )
    expect(wordsOf('a b '.repeat(100))).to.have.length(maxWords)
    expect(parseQuery('('.repeat(500))).to.deep.equal([])
    expect(parseQuery(Array.from({ length: 100 }, (_, n) => `w${n}`).join(' '))).to.have.length(maxTerms)
  })

  it('a name answers the query that is its own text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        // Stars at the ends mean something else.
        const terms = parseQuery(text.replaceAll('*', ' '))
        expect(rankOf(terms, wordsOfPath('', text)), text).not.to.equal(undefined)
      }),
    )
  })

  it('tells words, starts, parts and runs of scripts without spaces', () => {
    expect(parseQuery('Über* *feld* ab* *ab 日本語 x')).to.deep.equal([
      { kind: 'prefix', text: 'uber' },
      { kind: 'part', text: 'feld' },
      { kind: 'prefix', text: 'ab' },
      { kind: 'run', text: '日本語', pairs: ['日本', '本語'] },
      { kind: 'word', text: 'x' },
    ])
    expect(wordsOf('日本語 s01e02 don’t')).to.deep.equal(['日本', '本語', '語', 's01e02', 'don', 't'])
  })

  it('the order of results is total', () => {
    const few = fc.integer({ min: 0, max: 3 })
    const standing = fc.record({ rank: few, online: few, sources: few, age: few, content: few })
    fc.assert(
      fc.property(standing, standing, standing, (a, b, c) => {
        expect(Math.sign(compareStanding(a, b)) + Math.sign(compareStanding(b, a))).to.equal(0)
        if (a.content !== b.content) expect(compareStanding(a, b)).not.to.equal(0)
        if (compareStanding(a, b) < 0 && compareStanding(b, c) < 0)
          expect(compareStanding(a, c)).to.be.below(0)
      }),
    )
  })

  it('paths stay inside of the share', () => {
    for (const path of [
      '',
      '/a',
      'a/',
      'a//b',
      '..',
      'a/../b',
      '.',
      'a\0b',
      'a\nb',
      'a/'.repeat(40),
      '\ud800',
    ]) {
      expect(splitPath(path), path).to.equal(undefined)
    }
    expect(splitPath('a/b/c.txt')).to.deep.equal({ folder: 'a/b', name: 'c.txt' })
  })
})
