/**
 * What a peer's rubbish becomes (docs/protocol.md, "Errors"). It is thrown by readers at the border and caught in one
 * place, where it turns into `bad-request`. The path is made of our own names only, so that it may be said to
 * the peer; nothing the peer sent is in it.
 */

/** Says which part of a stanza cannot be read, or of a value cannot be written, and why. */
export class Malformed extends Error {
  override name = 'Malformed'
  readonly code = 'malformed'

  /** Where: names of elements joined by `/`, `@` before an attribute's, as in `offer/file[2]/filesize`. */
  path: string

  /** Why, in a few words, for instance `missing` or `not a number`. */
  readonly reason: string

  /** Which row of the table of refusals says it: an address that is none has a condition of its own, and so has what is not done here. */
  readonly refusal: 'malformed' | 'jid-malformed' | 'unknown-action'

  constructor(path: string, reason: string, refusal: Malformed['refusal'] = 'malformed') {
    super(`${path}: ${reason}`)
    this.path = path
    this.reason = reason
    this.refusal = refusal
  }

  /** The same, seen from one element further out. */
  within(outer: string): this {
    this.path = this.path === '' ? outer : `${outer}/${this.path}`
    this.message = `${this.path}: ${this.reason}`
    return this
  }
}

/** Does a step of reading or writing what is inside of `outer`: a Malformed that it throws says so. */
export function inside<T>(outer: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw error instanceof Malformed ? error.within(outer) : error
  }
}
