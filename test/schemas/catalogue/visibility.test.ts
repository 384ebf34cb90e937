/** Who may see a share. */

import { expect } from 'chai'
import fc from 'fast-check'
import { maySee } from '../../../schemas/index.js'
import { visibility } from './arbitrary.js'

const owner = 'faust@goethe.example'

describe('a share', () => {
  it('is seen by its own peer, whoever it is for', () => {
    fc.assert(fc.property(visibility, (rule) => maySee(rule, owner, owner)))
  })

  it('for everybody is seen by everybody, and for nobody by nobody', () => {
    expect(maySee({ kind: 'everybody' }, owner, 'x@y.example')).to.equal(true)
    expect(maySee({ kind: 'nobody' }, owner, 'mephisto@goethe.example')).to.equal(false)
  })

  it('for a domain is seen by all of it and by nobody of a domain below or above it', () => {
    const rule = { kind: 'only' as const, domains: ['goethe.example'], peers: [] }
    expect(maySee(rule, owner, 'mephisto@goethe.example')).to.equal(true)
    expect(maySee(rule, owner, 'goethe.example')).to.equal(true)
    expect(maySee(rule, owner, 'mephisto@hell.goethe.example')).to.equal(false)
    expect(maySee(rule, owner, 'mephisto@example')).to.equal(false)
    expect(maySee(rule, owner, 'goethe.example@evil.example')).to.equal(false)
  })

  it('for listed peers is seen by those and no others', () => {
    const rule = { kind: 'only' as const, domains: [], peers: ['gretchen@markt.example'] }
    expect(maySee(rule, owner, 'gretchen@markt.example')).to.equal(true)
    expect(maySee(rule, owner, 'marthe@markt.example')).to.equal(false)
  })
})
