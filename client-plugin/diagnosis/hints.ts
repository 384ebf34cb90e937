/** What an operator types to give his people a relay: the lines, for the servers that we know. */

import type { Software } from './ground.js'

/** For a SOCKS5 proxy (XEP-0065). */
export function proxyHint(software: Software, server: string): string {
  const port = 'and open TCP port 5000 to the world'
  switch (software) {
    case 'prosody':
      return `Ask the operator to add the line \`Component "proxy.${server}" "proxy65"\` to Prosody’s configuration (Debian’s has only \`--"proxy65";\`, commented out), to give that name an address in the DNS, ${port}.`
    case 'ejabberd':
      return `Ask the operator to add \`mod_proxy65\` to the modules of ejabberd, with \`ip: "::"\` and as \`hostname\` an address that people reach (docs/operating.md), and to open its TCP port (7777) to the world.`
    case 'other':
      return `Ask the operator for a SOCKS5 bytestreams proxy (XEP-0065), ${port}.`
  }
}

/** For STUN and TURN over TCP (XEP-0215). */
export function turnHint(software: Software): string {
  switch (software) {
    case 'prosody':
      return 'Ask the operator to run coturn, and to add `"turn_external"` to Prosody’s modules, with `turn_external_secret` as in coturn and `turn_external_tcp = true`.'
    case 'ejabberd':
      return 'Ask the operator to run coturn, and to name it in `mod_stun_disco` of ejabberd with `transport: tcp` (ejabberd’s own TURN relays UDP only).'
    case 'other':
      return 'Ask the operator for a TURN server that takes TCP (coturn), named by XEP-0215.'
  }
}
