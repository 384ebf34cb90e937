/** The picture of the legal steps in the docs is the one that is drawn from the table. */

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { edges, picture } from '../../protocol/mediation/index.js'
import { drawn } from '../../scripts/draw-mediation.js'

describe('the picture of mediation', () => {
  it('has every phase and every action of the table', () => {
    const text = picture()
    for (const [phase, actions] of Object.entries(edges)) {
      expect(text).to.include(phase)
      for (const action of Object.keys(actions)) expect(text).to.include(`\`${action}\``)
    }
  })

  it('in docs/protocol.md is current: node dist/scripts/draw-mediation.js draws it', () => {
    const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
    expect(drawn(page)).to.equal(page)
  })
})
