/**
 * Several servers that do the same, asked one after the other: the next when one has failed, or is silent for a while, since
 * there is little time. The first that answers counts.
 */

/** Milliseconds after which a silent server is not waited for alone. */
const aloneMs = 250
/** Servers that are asked in one attempt. */
const most = 2

/**
 * What the first of them gives that gives anything. Each that fails before the end of the attempt is told so.
 * @param late gets what comes from the others afterwards
 * @throws what the first has failed with, when all have
 */
export function askInTurn<S extends { failed?(): void }, T>(
  servers: readonly S[],
  ask: (server: S) => Promise<T>,
  late: (value: T) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const left = servers.slice(0, most)
    let asked = 0
    let over = false
    let why: unknown
    let timer: NodeJS.Timeout | undefined
    const next = (): void => {
      clearTimeout(timer)
      const server = left.shift()
      if (over) return
      if (server === undefined) {
        if (asked === 0) reject(why)
        return
      }
      asked++
      if (left.length > 0) timer = setTimeout(next, aloneMs)
      ask(server).then(
        (value) => {
          if (over) late(value)
          else resolve(value)
          over = true
          clearTimeout(timer)
        },
        (error: unknown) => {
          if (!signal.aborted) server.failed?.()
          why ??= error
          asked--
          next()
        },
      )
    }
    next()
  })
}
