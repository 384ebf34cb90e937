/**
 * Which of the three a router speaks: all are asked at once, and nothing is changed at it by asking.
 */

import type { Network } from './gateway.js'
import { findNatPmp } from './nat-pmp.js'
import { findPcp } from './pcp.js'
import type { MappingRouter } from './router.js'
import { findUpnp } from './upnp.js'

/**
 * Those that answer, each as soon as it does, until `findMs` have passed or `signal` says that it is enough.
 */
export async function* routersOf(
  network: Network,
  findMs: number,
  signal: AbortSignal,
): AsyncGenerator<MappingRouter> {
  const enough = new AbortController()
  const stop = (): void => enough.abort()
  const deadline = setTimeout(stop, findMs)
  signal.addEventListener('abort', stop)
  try {
    const asked = new Map(
      [findPcp, findNatPmp, findUpnp].map((find, index) => [
        index,
        find(network, enough.signal).then(
          (router) => ({ index, router }),
          () => ({ index, router: undefined }),
        ),
      ]),
    )
    while (asked.size > 0) {
      const { index, router } = await Promise.race(asked.values())
      asked.delete(index)
      if (router !== undefined) yield router
    }
  } finally {
    clearTimeout(deadline)
    signal.removeEventListener('abort', stop)
    enough.abort()
  }
}
