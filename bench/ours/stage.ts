/** What both rows of ours stand on: the component, and two people with their accounts, folders and processes. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keptIdentity } from '../../link/index.js'
import type { PrivateProsody } from '../../scripts/private-prosody.js'
import { End } from './end.js'

export interface Stage {
  /** A folder for what is received in the part that is resumed. */
  readonly other: string
  start(env?: { into?: string; breakAt?: number }): Promise<{ sending: End; receiving: End }>
  close(): Promise<void>
}

let people = 0

/** Two new people, each with a state folder that stays while the stage does. */
export async function openStage(
  prosody: PrivateProsody,
  dir: string,
  source: string,
  into: string,
): Promise<Stage> {
  const number = people++
  const jids = { sending: `faust${number}`, receiving: `mephisto${number}` }
  const folder = await mkdtemp(join(dir, 'stage-'))
  const other = join(folder, 'into')
  await mkdir(other)
  // A device makes its key once in its life, as the peers' keys were made before.
  for (const role of Object.keys(jids)) {
    await mkdir(join(folder, role), { mode: 0o700 })
    await keptIdentity(join(folder, role, 'device.pem'))
  }
  const running: End[] = []
  for (const name of Object.values(jids)) prosody.addUser(name, 'bench')
  return {
    other,
    async start(env = {}) {
      const common = {
        SERVICE: prosody.service,
        COMPONENT: prosody.componentDomain,
        PASSWORD: 'bench',
        SOURCE: source,
        INTO: env.into ?? into,
      }
      const end = (role: 'sending' | 'receiving', more: Record<string, string> = {}) => {
        const peer = role === 'sending' ? jids.receiving : jids.sending
        const own = { JID: `${jids[role]}@localhost`, PEER: `${peer}@localhost`, STATE: join(folder, role) }
        return new End('plugin-end', role, { ...common, ...own, ...more })
      }
      const ends = {
        sending: end('sending'),
        receiving: end('receiving', env.breakAt === undefined ? {} : { BREAK_AT: String(env.breakAt) }),
      }
      running.push(ends.sending, ends.receiving)
      await Promise.all([ends.sending.hears('ready'), ends.receiving.hears('ready')])
      return ends
    },
    async close() {
      await Promise.all(running.map((end) => end.release()))
      await rm(folder, { recursive: true })
    },
  }
}

/** The component as a child; it ends when it is disconnected. */
export async function startComponent(prosody: PrivateProsody, dir: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('../mediator/component-process.js', import.meta.url))
  const env = {
    ...process.env,
    PORT: String(prosody.componentPort),
    DOMAIN: prosody.componentDomain,
    SECRET: prosody.secret,
    STATE: join(dir, 'component'),
  }
  const child = fork(script, [], { env, stdio: ['ignore', 2, 2, 'ipc'] })
  await once(child, 'message')
  return child
}
