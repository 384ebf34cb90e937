/**
 * What stands in the server's namespace: an XMPP server with a bytestreams proxy (XEP-0065) and external services
 * (XEP-0215), a TURN server, and the component.
 *
 * Everything here is closed from the outside by being in a namespace, so that addresses, ports and secrets are fixed.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { storedAccount, storedName } from '../../scripts/prosody-account.js'
import { findProgram } from '../../scripts/tied-process.js'
import { ServerFolder } from '../other-servers/other-server.js'
import { type Bed, server } from './bed.js'
import { ejabberdProgram } from './ejabberd.js'
import { ended } from './namespace.js'

/** Which of the ways through the server there are. */
export interface Services {
  xmpp?: 'prosody' | 'ejabberd'
  proxy?: boolean
  turn?: boolean
  /** STUN and TURN are announced; the TURN server answers STUN also where it relays for nobody. */
  stun?: boolean
}

export const places = { c2s: 5222, component: 5347, proxy: 5000, turn: 3478, api: 5281 }
export const domain = 'localhost'
export const componentDomain = `files.${domain}`
const secret = 'of this bed'

/** What people need to log in. */
export interface Standing {
  /** `xmpp://IP:PORT` */
  service: string
  addUser(name: string, password: string): Promise<string>
  log(): string
  stop(): Promise<void>
}

/** Starts all of it; resolves when the component is online. */
export async function startServers(bed: Bed, services: Services): Promise<Standing> {
  const folder = new ServerFolder('bed')
  const within = (program: string, args: string[], env?: NodeJS.ProcessEnv) => {
    const [enter, before] = bed.server.entrance
    return folder.run(enter, [...before, must(program), ...args], env)
  }
  const component = { end: async () => {} }
  try {
    if (services.turn === true || services.stun === true) {
      within('turnserver', turnArguments(folder.dir, services.turn === true))
    }
    const users =
      services.xmpp === 'ejabberd' ? ejabberd(bed, folder, services) : prosody(folder, services, within)
    await users.up
    // Who asks it too early would not ask it again for a while.
    if (services.turn === true || services.stun === true) await bed.server.listened(places.turn)
    component.end = await startComponentIn(bed, folder.dir)
    return {
      service: `xmpp://${server.ip}:${places.c2s}`,
      addUser: users.addUser,
      log: () => folder.log(),
      async stop() {
        await component.end()
        await folder.stop()
      },
    }
  } catch (error) {
    await component.end()
    await folder.stop()
    throw error
  }
}

function must(program: string): string {
  const path = findProgram(program)
  if (path === undefined) throw new Error(`${program} is not installed`)
  return path
}

type Run = (program: string, args: string[], env?: NodeJS.ProcessEnv) => unknown

function prosody(folder: ServerFolder, services: Services, run: Run) {
  const { dir } = folder
  const file = join(dir, 'prosody.cfg.lua')
  for (const name of ['data', 'certs']) mkdirSync(join(dir, name))
  writeFileSync(file, prosodyConfiguration(dir, services), { mode: 0o600 })
  run('prosody', ['-F', '--config', file])
  return {
    up: folder.logged(new RegExp(`Activated service 'component' on .*:${places.component}\\b`)),
    async addUser(name: string, password: string) {
      const accounts = join(dir, 'data', domain, 'accounts')
      mkdirSync(accounts, { recursive: true })
      writeFileSync(join(accounts, `${storedName(name)}.dat`), storedAccount(password, 100))
      return `${name}@${domain}`
    },
  }
}

const prosodyConfiguration = (dir: string, { proxy, turn, stun }: Services) => `
run_as_root = true
daemonize = false
pidfile = "${dir}/prosody.pid"
data_path = "${dir}/data"
certificates = "${dir}/certs"
log = { { levels = { min = "info" }, to = "console" } }
interfaces = { "*" }
c2s_ports = { ${places.c2s} }
component_ports = { ${places.component} }
component_interfaces = { "*" }
proxy65_ports = { ${places.proxy} }
c2s_direct_tls_ports = { }
s2s_ports = { }
s2s_direct_tls_ports = { }
http_ports = { }
https_ports = { }
network_default_read_size = 65536
network_settings = { nagle = false }
c2s_stanza_size_limit = 1024 * 1024
authentication = "internal_hashed"
storage = "internal"
c2s_require_encryption = false
s2s_require_encryption = false
allow_unencrypted_plain_auth = true
allow_registration = false
modules_enabled = {
  "roster"; "saslauth"; "disco"; "posix"; "ping"; "version"; "carbons"; "blocklist"; "smacks"; "external_services";
}
modules_disabled = { "s2s"; "tls" }
external_services = {
  ${stun ? `{ type = "stun", transport = "tcp", host = "${server.ip}", port = ${places.turn} };` : ''}
  ${turn ? `{ type = "turn", transport = "tcp", host = "${server.ip}", port = ${places.turn}, secret = "${secret}" };` : ''}
}
VirtualHost "${domain}"
Component "${componentDomain}"
  component_secret = "${secret}"
${proxy ? `Component "proxy.${domain}" "proxy65"\n  proxy65_address = "${server.ip}"` : ''}
`

function ejabberd(bed: Bed, folder: ServerFolder, services: Services) {
  const { program, args, env } = ejabberdProgram(folder.dir, services, { ...places, ip: server.ip, secret })
  const [enter, before] = bed.server.entrance
  folder.run(enter, [...before, program, ...args], env)
  return {
    up: folder.logged(/ejabberd \S+ is started/),
    async addUser(name: string, password: string) {
      const body = JSON.stringify({ user: name, host: domain, password })
      const answer = bed.server.run(process.execPath, ['-e', registering, `${places.api}`, body])
      if (!answer.startsWith('ok')) throw new Error(`ejabberd made no account: ${answer}`)
      return `${name}@${domain}`
    },
  }
}

const registering = `
const [port, body] = process.argv.slice(1)
fetch('http://127.0.0.1:' + port + '/api/register', { method: 'POST', body })
  .then(async (answer) => process.stdout.write((answer.ok ? 'ok ' : 'no ') + (await answer.text())))`

/** Relaying by UDP is of no use here; who may not relay still asks for his address. */
const turnArguments = (dir: string, relays: boolean) => [
  '-n',
  ...['--listening-ip', server.ip, '--relay-ip', server.ip, '--listening-port', String(places.turn)],
  ...['--realm', domain, '--use-auth-secret', '--static-auth-secret', secret],
  ...['--no-udp', '--no-tls', '--no-dtls', '--no-cli', '--no-software-attribute', '--simple-log'],
  ...['--log-file', 'stdout', '--pidfile', join(dir, 'turn.pid'), '--userdb', join(dir, 'turn.db')],
  ...(relays ? [] : ['--stun-only']),
]

/** @returns what ends it */
async function startComponentIn(bed: Bed, dir: string): Promise<() => Promise<void>> {
  const program = fileURLToPath(new URL('../component/component-process.js', import.meta.url))
  const [enter, before] = bed.server.entrance
  const child = fork(program, [], {
    execPath: enter,
    execArgv: [...before, process.execPath],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      JABBERFS_COMPONENT_DOMAIN: componentDomain,
      JABBERFS_COMPONENT_SERVER: `xmpp://127.0.0.1:${places.component}`,
      JABBERFS_COMPONENT_SECRET: secret,
      JABBERFS_COMPONENT_STATE: join(dir, 'component'),
      JABBERFS_COMPONENT_LOG_LEVEL: 'error',
    },
  })
  const [word] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (word !== 'online') throw new Error(`the component did not start: ${word}`)
  return () => ended(child, 'SIGTERM')
}
