/**
 * Routers of people's homes, in nftables: four kinds, by what they map and whom they let in.
 *
 * A router has the interfaces `lan` and `wan`. What it does not let in it drops and does not refuse, as they all do. IPv6 is
 * never translated: the open kind lets it in, the others let in only answers.
 */
import type { Namespace } from './namespace.js'

/**
 * - `open`: no translation, everybody gets in;
 * - `full-cone`: a port inside has one port outside, and while it has it, everybody gets in there;
 * - `restricted`: a port inside has one port outside, and only whoever was written to gets in there;
 * - `symmetric`: a port inside has another port outside for each of those it writes to, and only they get in.
 */
export type RouterKind = 'open' | 'full-cone' | 'restricted' | 'symmetric'

export const routerKinds: readonly RouterKind[] = ['open', 'full-cone', 'restricted', 'symmetric']

/** Makes the router of this kind out of a namespace that has its interfaces. */
export function becomeRouter(router: Namespace, kind: RouterKind, upnp: boolean): void {
  router.sysctl('net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1')
  router.nft(`${firewall(kind, upnp)}\n${kind === 'open' ? '' : translation(kind)}`)
}

const firewall = (kind: RouterKind, upnp: boolean) => `
table inet firewall {
  chain input {
    type filter hook input priority filter; policy accept
    iifname wan meta l4proto icmpv6 accept
    iifname wan ct state != { established, related } drop
  }
  chain forward {
    type filter hook forward priority filter; policy accept
    ${kind === 'open' ? '' : `iifname wan ct state { established, related } accept`}
    ${kind === 'full-cone' ? 'iifname wan ct status dnat accept' : ''}
    ${upnp ? 'iifname wan ct status dnat accept' : ''}
    ${kind === 'open' ? '' : 'iifname wan drop'}
  }
}`

/**
 * Linux keeps the port of whom it translates where it can, and there is one host behind each router, so that all but the
 * symmetric one have one port outside. The cone remembers whose port it was when it first went out.
 */
const translation = (kind: RouterKind) => `
table ip translation {
  map cone {
    type inet_service : ipv4_addr
    flags dynamic,timeout
    timeout 5m
  }
  chain in {
    type nat hook prerouting priority dstnat
    ${kind === 'full-cone' ? 'iifname wan dnat to tcp dport map @cone' : ''}
  }
  chain out {
    type nat hook postrouting priority srcnat
    ${kind === 'full-cone' ? 'oifname wan meta l4proto tcp update @cone { tcp sport : ip saddr }' : ''}
    oifname wan masquerade ${kind === 'symmetric' ? 'fully-random' : ''}
  }
}`
