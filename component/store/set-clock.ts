/**
 * The machine's clock may be wrong, and be set while we run: one without a battery begins in 1970, or where it was left, until the
 * network tells it (case 105). What is stored are points in time. When the clock is set by more than a day they are moved
 * along, so that nothing ends, is forgotten, or lives on, because of it.
 *
 * A start cannot tell a clock that is wrong from a long time in which nothing ran: of that no more than a day counts.
 */

/** What both clocks of the machine say, in ms. */
export interface Look {
  /** UTC: it may be set. */
  now: number
  /** Goes on evenly, from anywhere. */
  steady: number
}

/** The points in time in one file. All of it is done in a transaction that is open. */
export interface StoredTimes {
  /** What the clock said when it was looked at for this file, as of `note`. */
  noted(): number | undefined
  note(now: number): void
  /** All are as much later. */
  move(by: number): void
}

/** What is set by less is taken for time that went by, ms. */
const most = 24 * 3_600_000
/** It is noted again after so long, ms. */
const noteEvery = 3_600_000

interface Seen extends Look {
  noted: number
}

export class SetClock {
  #kept: Seen | undefined
  #open: Seen | undefined

  /** To be called in each transaction that looks at the clock, before its work. */
  follow(times: StoredTimes, look: Look): void {
    const before = this.#open ?? this.#kept
    const expected = before === undefined ? times.noted() : before.now + look.steady - before.steady
    const by = look.now - (expected ?? look.now)
    const isSet = Math.abs(by) > most
    if (isSet) times.move(by)
    const isNoted = !isSet && before !== undefined && Math.abs(look.now - before.noted) < noteEvery
    if (!isNoted) times.note(look.now)
    this.#open = { ...look, noted: isNoted ? before.noted : look.now }
  }

  /** The transaction was committed. */
  committed(): void {
    this.#kept = this.#open ?? this.#kept
    this.#open = undefined
  }

  /** The transaction was taken back. */
  takenBack(): void {
    this.#open = undefined
  }
}
