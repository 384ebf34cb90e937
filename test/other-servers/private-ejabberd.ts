/**
 * A private ejabberd. The limits are those of Debian's configuration; TLS, federation's listener and what has no part here are left out.
 *
 * It runs without Erlang's distribution, so that neither a node name, a cookie nor `epmd` outlives it; accounts are made by its HTTP API.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../scripts/free-port.js'
import { findProgram } from '../../scripts/tied-process.js'
import { listening, type OtherServer, ServerFolder } from './other-server.js'

/** @returns nothing when it is not installed */
export async function startEjabberd(): Promise<OtherServer | undefined> {
  const control = findProgram('ejabberdctl')
  const erlang = findProgram('erl')
  if (!control || !erlang) return undefined
  const libraries = /^ERL_LIBS='?([^'\n]+)'?$/m.exec(readFileSync(control, 'utf8'))?.[1]
  const folder = new ServerFolder('ejabberd')
  const { dir } = folder
  const ports = {
    c2s: await freePort(),
    component: await freePort(),
    http: await freePort(),
    proxy: await freePort(),
  }
  const secret = randomBytes(12).toString('hex')
  const file = join(dir, 'ejabberd.yml')
  writeFileSync(file, JSON.stringify(configuration(ports, secret), undefined, 1), { mode: 0o600 })
  mkdirSync(join(dir, 'spool'))
  try {
    folder.run(erlang, ['-noinput', '+S', '1:1', '-mnesia', 'dir', `"${dir}/spool"`, '-s', 'ejabberd'], {
      ...process.env,
      ...(libraries === undefined ? {} : { ERL_LIBS: libraries }),
      EJABBERD_CONFIG_PATH: file,
      EJABBERD_LOG_PATH: join(dir, 'ejabberd.log'),
      ERL_CRASH_DUMP: join(dir, 'crash.dump'),
    })
    await folder.logged(/ejabberd \S+ is started/)
    for (const port of Object.values(ports)) await listening(port)
  } catch (error) {
    await folder.stop()
    throw error
  }
  return {
    service: `xmpp://127.0.0.1:${ports.c2s}`,
    componentService: `xmpp://127.0.0.1:${ports.component}`,
    secret,
    environment: {},
    async addUser(user, password) {
      const body = JSON.stringify({ user, host: 'localhost', password })
      const answer = await fetch(`http://127.0.0.1:${ports.http}/api/register`, { method: 'POST', body })
      if (!answer.ok) throw new Error(`ejabberd made no account: ${await answer.text()}`)
      return `${user}@localhost`
    },
    log: () => folder.log(),
    stop: () => folder.stop(),
  }
}

/** YAML takes JSON as it is. */
const configuration = (
  ports: { c2s: number; component: number; http: number; proxy: number },
  secret: string,
) => ({
  hosts: ['localhost'],
  loglevel: 'info',
  auth_method: 'internal',
  auth_password_format: 'scram',
  disable_sasl_mechanisms: ['digest-md5', 'X-OAUTH2'],
  acme: { auto: false },
  listen: [
    {
      port: ports.c2s,
      ip: '127.0.0.1',
      module: 'ejabberd_c2s',
      max_stanza_size: 262_144,
      access: 'c2s',
      shaper: 'c2s_shaper',
    },
    // As docs/operating.md tells it.
    {
      port: ports.component,
      ip: '127.0.0.1',
      module: 'ejabberd_service',
      access: 'all',
      shaper: 'none',
      hosts: { 'files.localhost': { password: secret } },
    },
    {
      port: ports.http,
      ip: '127.0.0.1',
      module: 'ejabberd_http',
      request_handlers: { '/api': 'mod_http_api' },
    },
  ],
  acl: { local: { user_regexp: '' }, loopback: { ip: ['127.0.0.0/8'] } },
  access_rules: { c2s: { deny: 'blocked', allow: 'all' }, local: { allow: 'local' } },
  api_permissions: {
    accounts: { from: ['mod_http_api'], who: { access: { allow: 'loopback' } }, what: ['register'] },
  },
  shaper: { normal: { rate: 3000, burst_size: 20_000 }, fast: 200_000 },
  shaper_rules: {
    max_user_sessions: 10,
    c2s_shaper: { none: 'admin', normal: 'all' },
    s2s_shaper: 'fast',
  },
  modules: {
    mod_admin_extra: {},
    mod_carboncopy: {},
    mod_disco: {},
    mod_http_api: {},
    mod_ping: {},
    // As docs/operating.md tells it.
    mod_proxy65: {
      host: 'proxy.localhost',
      hostname: '127.0.0.1',
      ip: '127.0.0.1',
      port: ports.proxy,
      access: 'local',
      shaper: 'none',
      recbuf: 1_048_576,
      sndbuf: 1_048_576,
    },
    mod_roster: {},
    mod_stream_mgmt: {},
  },
})
