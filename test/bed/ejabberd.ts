/** ejabberd in the bed: no limits of pace, since the proxy and not the stream is what is tried, and its own proxy (mod_proxy65). */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../scripts/tied-process.js'

export interface EjabberdPlaces {
  ip: string
  c2s: number
  component: number
  proxy: number
  turn: number
  api: number
  secret: string
}

/** Whether it is installed. */
export function ejabberdIsThere(): boolean {
  return findProgram('ejabberdctl') !== undefined && findProgram('erl') !== undefined
}

/** Writes its configuration into a folder. @returns the program to run */
export function ejabberdProgram(
  dir: string,
  services: { proxy?: boolean; turn?: boolean; stun?: boolean },
  places: EjabberdPlaces,
): { program: string; args: string[]; env: NodeJS.ProcessEnv } {
  const control = findProgram('ejabberdctl')
  const program = findProgram('erl')
  if (control === undefined || program === undefined) throw new Error('ejabberd is not installed')
  const libraries = /^ERL_LIBS='?([^'\n]+)'?$/m.exec(readFileSync(control, 'utf8'))?.[1]
  const file = join(dir, 'ejabberd.yml')
  // YAML takes JSON as it is.
  writeFileSync(file, JSON.stringify(configuration(services, places), undefined, 1), { mode: 0o600 })
  mkdirSync(join(dir, 'spool'))
  const env = {
    ...process.env,
    ...(libraries === undefined ? {} : { ERL_LIBS: libraries }),
    EJABBERD_CONFIG_PATH: file,
    EJABBERD_LOG_PATH: join(dir, 'ejabberd.log'),
    ERL_CRASH_DUMP: join(dir, 'crash.dump'),
  }
  const args = ['-noinput', '+S', '1:1', '-mnesia', 'dir', `"${dir}/spool"`, '-s', 'ejabberd']
  return { program, args, env }
}

const configuration = (
  services: { proxy?: boolean; turn?: boolean; stun?: boolean },
  places: EjabberdPlaces,
) => ({
  hosts: ['localhost'],
  loglevel: 'info',
  auth_method: 'internal',
  auth_password_format: 'scram',
  disable_sasl_mechanisms: ['digest-md5', 'X-OAUTH2'],
  acme: { auto: false },
  listen: [
    { port: places.c2s, ip: '0.0.0.0', module: 'ejabberd_c2s', max_stanza_size: 262_144, access: 'all' },
    {
      port: places.component,
      ip: '0.0.0.0',
      module: 'ejabberd_service',
      access: 'all',
      shaper: 'none',
      hosts: { 'files.localhost': { password: places.secret } },
    },
    {
      port: places.api,
      ip: '127.0.0.1',
      module: 'ejabberd_http',
      request_handlers: { '/api': 'mod_http_api' },
    },
  ],
  acl: { local: { user_regexp: '' }, loopback: { ip: ['127.0.0.0/8'] } },
  access_rules: { local: { allow: 'local' } },
  api_permissions: {
    accounts: { from: ['mod_http_api'], who: { access: { allow: 'loopback' } }, what: ['register'] },
  },
  modules: {
    mod_admin_extra: {},
    mod_carboncopy: {},
    mod_disco: {},
    mod_http_api: {},
    mod_ping: {},
    mod_roster: {},
    mod_stream_mgmt: {},
    ...(services.proxy === true && {
      mod_proxy65: {
        host: 'proxy.localhost',
        ip: places.ip,
        hostname: places.ip,
        port: places.proxy,
        access: 'local',
        max_connections: 'infinity',
        // As docs/operating.md tells it: with 64 KiB the path's 50 ms would be the limit.
        recbuf: 1_048_576,
        sndbuf: 1_048_576,
      },
    }),
    ...(services.stun === true && {
      mod_stun_disco: {
        services: [
          { host: places.ip, port: places.turn, type: 'stun', transport: 'tcp' },
          ...(services.turn === true
            ? [{ host: places.ip, port: places.turn, type: 'turn', transport: 'tcp' }]
            : []),
        ],
        secret: places.secret,
        offer_local_services: false,
      },
    }),
  },
})
