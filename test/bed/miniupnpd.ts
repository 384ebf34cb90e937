/** miniupnpd on a router of the bed: UPnP-IGD, NAT-PMP and PCP; it writes its mappings into chains of nftables of its own. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../scripts/tied-process.js'
import type { Namespace } from './namespace.js'

const chains = `
table inet filter {
  chain miniupnpd {}
  chain prerouting_miniupnpd {}
  chain postrouting_miniupnpd {}
  chain forward { type filter hook forward priority 10; policy accept; jump miniupnpd; }
  chain prerouting { type nat hook prerouting priority dstnat; policy accept; jump prerouting_miniupnpd; }
  chain postrouting { type nat hook postrouting priority srcnat; policy accept; jump postrouting_miniupnpd; }
}`

/** Starts it on a router; resolves when it listens. @param lan the network that may ask, as `192.168.1.0/24` */
export async function startMiniupnpd(router: Namespace, lan: string): Promise<void> {
  const program = findProgram('miniupnpd')
  if (program === undefined) throw new Error('miniupnpd is not installed')
  router.nft(chains)
  // UPnP is found by multicast, which wants a route.
  router.ip(['route add 239.0.0.0/8 dev lan'])
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-miniupnpd-'))
  const file = join(dir, 'miniupnpd.conf')
  writeFileSync(
    file,
    [
      'ext_ifname=wan',
      'listening_ip=lan',
      'enable_natpmp=yes',
      'enable_upnp=yes',
      'secure_mode=yes',
      'ipv6_disable=yes',
      'uuid=5f2c4d1e-6a7b-4c8d-9e0f-a1b2c3d4e5f6',
      `allow 1024-65535 ${lan} 1024-65535`,
      'deny 0-65535 0.0.0.0/0 0-65535',
      '',
    ].join('\n'),
  )
  const child = router.start(program, ['-d', '-f', file, '-P', join(dir, 'pid')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  await listens(child)
}

async function listens(child: ChildProcess): Promise<void> {
  let said = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (text: Buffer) => {
      said = `${said}${text}`.slice(-4_000)
    })
  }
  const gone = once(child, 'exit').then(() => true)
  // The last that it opens.
  while (!/Listening for NAT-PMP/.test(said)) {
    const heard = Promise.race([once(child.stderr!, 'data'), once(child.stdout!, 'data')]).then(() => false)
    if (await Promise.race([gone, heard])) throw new Error(`miniupnpd did not start: ${said}`)
  }
}
