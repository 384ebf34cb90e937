/**
 * A private jabberd2: Debian's own configuration, with other ports and paths, and accounts that come into being at their first login.
 *
 * Its router, session manager and client side are three processes. It knows no SCRAM: without TLS, clients must be allowed PLAIN.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { freePort } from '../../scripts/free-port.js'
import { findProgram } from '../../scripts/tied-process.js'
import { listening, type OtherServer, ServerFolder } from './other-server.js'

const parts = ['router', 'sm', 'c2s'] as const

/** @returns nothing when it is not installed */
export async function startJabberd2(): Promise<OtherServer | undefined> {
  const programs = Object.fromEntries(parts.map((part) => [part, findProgram(`jabberd2-${part}`)]))
  const [router, sm, c2s] = parts.map((part) => programs[part])
  if (!router || !sm || !c2s) return undefined
  const folder = new ServerFolder('jabberd2')
  const { dir } = folder
  const ports = { c2s: await freePort(), router: await freePort() }
  for (const part of parts) {
    writeFileSync(
      join(dir, `${part}.xml`),
      adapted(readFileSync(`/etc/jabberd2/${part}.xml`, 'utf8'), dir, ports),
    )
  }
  const secret = /<secret>(.*?)<\/secret>/.exec(readFileSync(join(dir, 'router.xml'), 'utf8'))?.[1] ?? ''
  const tables = gunzipSync(readFileSync('/usr/share/doc/jabberd2/db-setup.sqlite.gz')).toString()
  const withAccounts = (use: (db: Database.Database) => void) => {
    const db = new Database(join(dir, 'sqlite.db'))
    use(db)
    db.close()
  }
  try {
    withAccounts((db) => db.exec(tables))
    folder.run(router, ['-c', 'router.xml'])
    await listening(ports.router)
    folder.run(sm, ['-c', 'sm.xml'])
    await folder.logged(/\[localhost\] online/)
    folder.run(c2s, ['-c', 'c2s.xml'])
    await folder.logged(/\] ready for connections/)
    await listening(ports.c2s)
  } catch (error) {
    await folder.stop()
    throw error
  }
  return {
    service: `xmpp://127.0.0.1:${ports.c2s}`,
    componentService: `xmpp://127.0.0.1:${ports.router}`,
    secret,
    environment: { JABBERFS_ALLOW_PLAIN: '1' },
    async addUser(name, password) {
      withAccounts((db) =>
        db
          .prepare('insert into authreg (username, realm, password) values (?, ?, ?)')
          .run(name, 'localhost', password),
      )
      return `${name}@localhost`
    },
    log: () => folder.log(),
    stop: () => folder.stop(),
  }
}

const adapted = (xml: string, dir: string, ports: { c2s: number; router: number }): string =>
  xml
    .replaceAll('<port>5347</port>', `<port>${ports.router}</port>`)
    .replaceAll('<port>5222</port>', `<port>${ports.c2s}</port>`)
    .replaceAll('<ip>0.0.0.0</ip>', '<ip>127.0.0.1</ip>')
    .replaceAll("<log type='file'>", "<log type='stdout'>")
    .replaceAll('localhost.localdomain', 'localhost')
    .replaceAll('/var/run/jabberd2', dir)
    .replaceAll('/var/lib/jabberd2', dir)
    .replace(/<!--\s*<auto-create\/>\s*-->/, '<auto-create/>')
