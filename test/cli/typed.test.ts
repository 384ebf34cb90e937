/** What somebody is told to type can be typed as it stands. */
import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { typed } from '../../cli/typed.js'

describe('a word that is to be typed', () => {
  it('comes back from a shell as it is, in quotes only where it needs them', () => {
    const words = [
      'my_girl.jpg',
      'Bücher/2002',
      'Meine Sachen',
      "it's",
      '$(id)',
      '`a`\\b',
      '*',
      '~',
      '',
      '😀',
      '-x',
      '#a',
    ]
    const line = `printf '%s\\n' ${words.map(typed).join(' ')}`
    expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' })).to.equal(`${words.join('\n')}\n`)
    expect(words.slice(0, 3).map(typed)).to.deep.equal(['my_girl.jpg', 'Bücher/2002', "'Meine Sachen'"])
  })
})
