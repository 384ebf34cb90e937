/** The component on a private server, with a malicious component beside it; limits of rate are out of the way. */

import { Writable } from 'node:stream'
import type { StartConfig } from '../../component/index.js'
import { startProsody } from '../../scripts/private-prosody.js'
import { Stage } from '../component/stage.js'
import { MaliciousComponent } from './malicious-component.js'

export interface Town {
  readonly stage: Stage
  readonly evil: MaliciousComponent
  /** Lines of the component's log. */
  readonly log: string[]
  /** Ends the component in order, and starts it again. */
  restart(): Promise<void>
  close(): Promise<void>
}

const unhurried = { perSecond: 100_000, burst: 100_000 }

export async function openTown(): Promise<Town> {
  const log: string[] = []
  const prosody = await startProsody({ components: ['evil.localhost'] })
  const config: Partial<StartConfig> = {
    logLevel: 'info',
    limits: { perJid: unhurried, perDomain: unhurried },
  }
  // Its constructor is private only so that nobody forgets to start what it needs.
  const stage = Reflect.construct(Stage, [prosody, config]) as Stage
  const destination = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk))
      done()
    },
  })
  await stage.startComponent({ log: destination })
  const evil = await MaliciousComponent.open(stage.prosody, 'evil.localhost')
  return {
    stage,
    evil,
    log,
    async restart() {
      await stage.component.stop()
      await stage.startComponent({ log: destination })
    },
    async close() {
      evil.close()
      await stage.close()
    },
  }
}
