/**
 * A private Prosody with the component and two people, faust and mephisto, each with an account file of their
 * own: for `npm start`, the demo, and the tests of the command.
 */
import { randomBytes } from 'node:crypto'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeAccountFile } from '../cli/account.js'
import { type RunningComponent, startComponent } from '../component/index.js'
import { freePort } from './free-port.js'
import { type PrivateProsody, type ProsodyOptions, startProsody } from './private-prosody.js'

export interface Person {
  jid: string
  password: string
  /** The account's file (0600), for JABBERFS_CONFIG. */
  config: string
  /** The state folder. */
  state: string
}

export interface Playground {
  readonly prosody: PrivateProsody
  readonly component: RunningComponent
  readonly faust: Person
  readonly mephisto: Person
  /** The component's log, JSON lines. */
  readonly componentLog: string
  /** Ends the component and Prosody, and removes what was made. */
  stop(): Promise<void>
}

/**
 * Starts both and waits until the component is online.
 * @param dir where the account files and state folders go; by default into Prosody's temporary folder
 */
export async function startPlayground(
  options: { dir?: string; prosody?: ProsodyOptions } = {},
): Promise<Playground> {
  const prosody = await startProsody(options.prosody)
  const dir = options.dir ?? prosody.dir
  const componentLog = join(prosody.dir, 'component.log')
  const log = createWriteStream(componentLog, { mode: 0o600 })
  let component: RunningComponent | undefined
  const stop = async () => {
    await component?.stop()
    log.end()
    await prosody.stop()
    if (options.dir !== undefined) {
      for (const name of ['faust', 'mephisto']) {
        rmSync(join(dir, `${name}.toml`), { force: true })
        rmSync(join(dir, `${name}-state`), { recursive: true, force: true })
      }
    }
  }
  try {
    const state = join(prosody.dir, 'component')
    mkdirSync(state, { mode: 0o700 })
    component = await startComponent(
      {
        domain: prosody.componentDomain,
        server: prosody.componentService,
        secret: prosody.secret,
        state,
        // First lists of large folders are quick, as where an operator has opened the port.
        listPort: await freePort(),
        listHost: '127.0.0.1',
      },
      { log },
    )
    await component.online
    const person = (name: string): Person => {
      const password = randomBytes(9).toString('base64url')
      const jid = prosody.addUser(name, password)
      const config = join(dir, `${name}.toml`)
      const folder = join(dir, `${name}-state`)
      writeAccountFile(config, {
        jid,
        password,
        service: prosody.service,
        component: prosody.componentDomain,
        state: folder,
      })
      return { jid, password, config, state: folder }
    }
    const people = { faust: person('faust'), mephisto: person('mephisto') }
    prosody.befriend('faust', 'mephisto')
    return { prosody, component, ...people, componentLog, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
