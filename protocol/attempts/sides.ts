/**
 * Who listens in an attempt (docs/protocol.md, "Sides"). `both` is the rule: each side listens where it can, and dials.
 * `alternate` is the way of 2002: one side listens, and when nobody came the sides are changed in the next attempt,
 * because whoever listened may be behind a firewall and not know it.
 */

export type Sides = 'both' | 'alternate'

/** What one side knows when it chooses. */
export interface Ability {
  sides: Sides
  /** False where it was told not to listen. */
  canListen: boolean
}

/** What became of the attempt before. */
export interface Before {
  /** Whether the receiving side listened in it. */
  listened: boolean
  /** Whether it ended because nobody came. */
  timedOut: boolean
}

/** Whether the side that opens an attempt listens. */
export function opensListening({ sides, canListen }: Ability, before?: Before): boolean {
  if (!canListen) return false
  if (sides === 'both' || before === undefined) return true
  return before.timedOut ? !before.listened : before.listened
}

/** Whether the side that answers listens too; `otherListens` is what the opening side said. */
export function answersListening({ sides, canListen }: Ability, otherListens: boolean): boolean {
  if (!canListen) return false
  return sides === 'both' || !otherListens
}
