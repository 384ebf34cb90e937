/** What the compiler refuses about the rules of mediation. Each line below that is marked must not compile. */

import { expect } from 'chai'
import { type Rules, rules } from '../../protocol/mediation/rules.js'

const { running, proposed, declined } = rules
const { back: _, ...withoutBack } = running

const missing: Rules = {
  ...rules,
  // @ts-expect-error a step of the table has no rule
  running: withoutBack,
}

const illegal: Rules = {
  ...rules,
  // @ts-expect-error a rule has no step in the table
  complete: { ...declined, accept: proposed.accept },
}

const wrongRole: Rules = {
  ...rules,
  proposed: {
    ...proposed,
    // @ts-expect-error an accept by the author is no step
    accept: { author: proposed.accept.recipient },
  },
}

const wrongEnd: Rules = {
  ...rules,
  proposed: {
    ...proposed,
    decline: {
      // @ts-expect-error a decline does not lead to `complete`
      recipient: running.complete.receiving,
    },
  },
}

describe('the compiler', () => {
  it('refuses a rule that is missing, that has no step, or that leads elsewhere', () => {
    // That this file is compiled is the test; the values only have to be used.
    expect([missing, illegal, wrongRole, wrongEnd]).to.have.lengthOf(4)
  })
})
