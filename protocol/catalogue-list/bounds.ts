/** What a whole list may be at most, packed and unpacked (docs/catalogue.md, "The whole list"), and its one error. */

/** Entries in one list. */
export const maxListEntries = 2_000_000
/** Bytes of a list as it travels. */
export const maxPackedBytes = 256 * 2 ** 20
/** Bytes of a list as text. */
export const maxUnpackedBytes = 1024 * 2 ** 20
/** No honest list shrinks more than this: most records have a hash of their own, which does not shrink. */
export const maxRatio = 100
/** Below this many unpacked bytes the ratio says nothing. */
const ratioFromBytes = 2 ** 20

/** Why a list is none. Nothing of what it holds is in the message. */
export class BadList extends Error {
  override name = 'BadList'
  readonly code = 'bad-list'
  /** Which line, from 1; 0 where it is the whole. */
  readonly line: number
  /** Whether it is none because it is too much, and not because it is not well made. */
  readonly isTooMuch: boolean

  constructor(reason: string, line = 0, isTooMuch = false) {
    super(line === 0 ? reason : `line ${line}: ${reason}`)
    this.line = line
    this.isTooMuch = isTooMuch
  }
}

/** Counts what comes out of an inflater against what went in, and says when to stop. */
export class UnpackedSize {
  private packed = 0
  private unpacked = 0

  /** Bytes that were given to the inflater. @throws BadList above {@link maxPackedBytes} */
  tookPacked(bytes: number): void {
    this.packed += bytes
    if (this.packed > maxPackedBytes) throw new BadList('too large', 0, true)
  }

  /** Bytes that it gave. @throws BadList above {@link maxUnpackedBytes}, or {@link maxRatio} times what went in */
  gaveUnpacked(bytes: number): void {
    this.unpacked += bytes
    if (this.unpacked > maxUnpackedBytes) throw new BadList('too large unpacked', 0, true)
    if (this.unpacked > ratioFromBytes && this.unpacked > this.packed * maxRatio) {
      throw new BadList('unpacks to too much', 0, true)
    }
  }
}
