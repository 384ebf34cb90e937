/** What tests of links with several sockets begin with. */

import type { Link } from '../../../link/index.js'

/** Up to four, on this machine too. */
export const four = { sockets: { most: 4, anywhere: true } }

/** Settles when a link has so many sockets. */
export const having = (link: Link, count: number): Promise<void> =>
  new Promise((resolve) => {
    link.onWidened((sockets) => sockets === count && resolve())
    if (link.sockets === count) resolve()
  })

/** Bytes of which each four are others. */
export const numbered = (words: number): Buffer =>
  Buffer.from(Uint32Array.from({ length: words }, (_, i) => (i * 2_654_435_761) >>> 0).buffer)
