/**
 * A private Prosody that other servers reach, by its name in a DNS of our own and dialback (XEP-0220): without TLS, loopback only.
 *
 * As in operating.md, but for what that has on certificates. The limits are those of Debian.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../scripts/free-port.js'
import { storedAccount, storedName, storedRoster } from '../../scripts/prosody-account.js'
import { findProgram } from '../../scripts/tied-process.js'
import { type Border, borderBefore } from './border.js'
import type { Names } from './names.js'
import { listening, ServerFolder } from './other-server.js'

export interface FederatedProsody {
  readonly domain: string
  readonly service: string
  readonly componentService: string
  readonly secret: string
  /** What other servers come through. */
  readonly border: Border
  addUser(name: string, password: string, contacts: readonly string[]): void
  log(): string
  kill(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

/** @returns nothing when it is not installed */
export async function startFederated(domain: string, names: Names): Promise<FederatedProsody | undefined> {
  const program = findProgram('prosody')
  if (program === undefined) return undefined
  const folder = new ServerFolder('federated')
  const { dir } = folder
  const ports = { c2s: await freePort(), s2s: await freePort(), component: await freePort() }
  const border = await borderBefore(ports.s2s)
  for (const name of [domain, `files.${domain}`]) names.add(name, border.port)
  const data = join(dir, 'data', storedName(domain))
  for (const name of ['accounts', 'roster']) mkdirSync(join(data, name), { recursive: true })
  const file = join(dir, 'prosody.cfg.lua')
  writeFileSync(file, configuration(dir, domain, ports, names.port), { mode: 0o600 })
  let child: ChildProcess
  const launch = async () => {
    child = folder.run(program, ['-F', '--config', file])
    for (const port of Object.values(ports)) await listening(port)
  }
  const stop = async () => {
    border.stop()
    await folder.stop()
  }
  try {
    await launch()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    domain,
    service: `xmpp://127.0.0.1:${ports.c2s}`,
    componentService: `xmpp://127.0.0.1:${ports.component}`,
    secret,
    border,
    addUser(name, password, contacts) {
      writeFileSync(join(data, 'accounts', `${storedName(name)}.dat`), storedAccount(password, 1_000))
      writeFileSync(join(data, 'roster', `${storedName(name)}.dat`), storedRoster(contacts))
    },
    log: () => folder.log(),
    async kill() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
    restart: launch,
    stop,
  }
}

const secret = 'of two servers'

const configuration = (
  dir: string,
  domain: string,
  ports: { c2s: number; s2s: number; component: number },
  names: number,
) => `
run_as_root = true
daemonize = false
pidfile = "${dir}/prosody.pid"
data_path = "${dir}/data"
certificates = "${dir}"
log = { { levels = { min = "info" }, to = "console" } }
interfaces = { "127.0.0.1" }
local_interfaces = { "127.0.0.1" }
component_interfaces = { "127.0.0.1" }
c2s_ports = { ${ports.c2s} }
s2s_ports = { ${ports.s2s} }
component_ports = { ${ports.component} }
c2s_direct_tls_ports = { }
s2s_direct_tls_ports = { }
http_ports = { }
https_ports = { }
-- libunbound asks nobody on this machine unless it is told to.
unbound = {
  resolvconf = false;
  hoststxt = false;
  forward = { "127.0.0.1@${names}" };
  options = { ["do-not-query-localhost:"] = "no" };
}
network_default_read_size = 65536
network_settings = { nagle = false }
authentication = "internal_hashed"
storage = "internal"
c2s_require_encryption = false
s2s_require_encryption = false
allow_unencrypted_plain_auth = true
allow_registration = false
limits = { c2s = { rate = "10kb/s" }, s2sin = { rate = "30kb/s" } }
modules_enabled = {
  "roster"; "saslauth"; "disco"; "posix"; "ping"; "version"; "carbons"; "blocklist"; "smacks"; "dialback"; "limits";
}
modules_disabled = { "tls" }
VirtualHost "${domain}"
Component "files.${domain}"
  component_secret = "${secret}"
`
