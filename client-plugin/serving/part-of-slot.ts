/** How much of a slot a file takes, for who serves it and for who asks for many (docs/decisions/0042). No I/O. */

/**
 * Of files up to so many bytes, four share a slot: what they take is the way there and back, which one after the other would wait for
 * each time, and not the line.
 */
const smallBytes = 256 * 1024
const partOfSmall = 1 / 4

/**
 * How much of a place in a queue a file takes. For who gets many files at once: what is asked for beyond the places that the other side
 * gives one peer (`maxUploadsPerPeer`) waits there.
 * @param filesize bytes; what is not known may be large @returns the part of a slot, at most 1
 */
export function partOfSlot(filesize: number | undefined): number {
  return filesize !== undefined && filesize <= smallBytes ? partOfSmall : 1
}
