/**
 * What went wrong on the way to a link, by kind of path: the reasons of an attempt that gave none, and why the cheaper
 * paths did not win where there is one. No address and no token is ever in it.
 */

import { isCheaper, type PathKind } from '../protocol/paths.js'

const maxReasons = 32

export class Notes {
  readonly reasons: string[] = []
  private readonly all: { kind: PathKind; reason: string }[] = []

  /** Keeps a reason, once. */
  add(kind: PathKind, reason: string): void {
    // What is straight was noted before there was anything else, and its reasons say which family they are of.
    const isStraight = kind === 'direct'
    if (this.reasons.length < maxReasons && (isStraight || !this.has(kind, reason)))
      this.reasons.push(isStraight ? reason : `${kind}: ${reason}`)
    if (this.all.length < maxReasons && !this.has(kind, reason)) this.all.push({ kind, reason })
  }

  /** Why nothing cheaper than this kind won: what was noted, and what has not come to an end. */
  whyNot(winner: PathKind, unfinished: readonly { kind: PathKind; reason: string | undefined }[]): string[] {
    return [...this.all, ...unfinished]
      .filter(({ kind, reason }) => reason !== undefined && isCheaper(kind, winner))
      .map(({ kind, reason }) => `${kind}: ${reason}`)
  }

  private has(kind: PathKind, reason: string): boolean {
    return this.all.some((one) => one.kind === kind && one.reason === reason)
  }
}
