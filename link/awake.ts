/**
 * A timer for short spans that counts only the time in which this process runs. One that was suspended for a moment would
 * find every timer due before it has read what has long been there, and would take it for silence; so a span is
 * counted in parts, and a suspension costs one part of it, as in the pulse of a link.
 */

const parts = 4

/** Calls `due` after so many ms of running. @returns what stops it */
export function afterAwake(ms: number, due: () => void): () => void {
  let left = parts
  let timer: NodeJS.Timeout
  const wait = (): void => {
    timer = setTimeout(() => (--left === 0 ? due() : wait()), ms / parts)
  }
  wait()
  return () => clearTimeout(timer)
}
