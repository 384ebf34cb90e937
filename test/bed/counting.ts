/** Counts packets that begin a TCP connection, where they pass: counters of nftables, which miss nothing. */
import type { Namespace } from './namespace.js'

export interface Counter {
  /** SYNs so far, those that were sent again included. */
  syns(): number
}

let made = 0

/** @param which the packets, as nftables says it: `iifname lan tcp dport != 5222`; @param hook where they are seen */
export function counting(where: Namespace, hook: 'input' | 'forward', which: string): Counter {
  const table = `count${++made}`
  where.nft(`table inet ${table} {
    chain ${hook} {
      type filter hook ${hook} priority -20
      tcp flags & (syn | ack) == syn ${which} counter
    }
  }`)
  return {
    syns() {
      const { nftables } = JSON.parse(where.run('nft', ['-j', 'list', 'table', 'inet', table])) as Listing
      const rule = nftables.find((one) => one.rule !== undefined)!.rule!
      return rule.expr.find((one) => one.counter !== undefined)!.counter!.packets
    },
  }
}

interface Listing {
  nftables: { rule?: { expr: { counter?: { packets: number } }[] } }[]
}
