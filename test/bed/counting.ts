/** Counts packets where they pass, mostly those that begin a TCP connection: counters of nftables, which miss nothing. */
import type { Namespace } from './namespace.js'

export interface Counter {
  /** SYNs so far, those that were sent again included. */
  syns(): number
}

/** Counts packets of every kind: names that are looked up, routers that are asked, all else. @param which as below */
export function countingAll(where: Namespace, which: string): { packets(): number } {
  const counter = counted(where, 'output', which)
  return { packets: counter }
}

let made = 0

/** @param which the packets, as nftables says it: `iifname lan tcp dport != 5222`; @param hook where they are seen */
export function counting(where: Namespace, hook: 'input' | 'forward', which: string): Counter {
  return { syns: counted(where, hook, `tcp flags & (syn | ack) == syn ${which}`) }
}

function counted(where: Namespace, hook: string, which: string): () => number {
  const table = `count${++made}`
  where.nft(`table inet ${table} {
    chain ${hook} {
      type filter hook ${hook} priority -20
      ${which} counter
    }
  }`)
  return () => {
    const { nftables } = JSON.parse(where.run('nft', ['-j', 'list', 'table', 'inet', table])) as Listing
    const rule = nftables.find((one) => one.rule !== undefined)!.rule!
    return rule.expr.find((one) => one.counter !== undefined)!.counter!.packets
  }
}

interface Listing {
  nftables: { rule?: { expr: { counter?: { packets: number } }[] } }[]
}
