/**
 * Finds out that a connection is dead though nobody has said so (a server that hangs, a cut cable): any byte is life; after `idleMs` of silence the server is
 * pinged (XEP-0199), and if nothing at all comes back in a third of that again, the connection is ended. Whoever has a reason to
 * doubt it asks at once.
 */
import { xml } from '../schemas/xml.js'
import { request } from './ask.js'
import type { Desk } from './desk.js'
import { ConnectionFailed } from './errors.js'

const nsPing = 'urn:xmpp:ping'

export class Liveness {
  readonly #desk: Desk
  readonly #target: () => string | undefined
  readonly #dead: (reason: ConnectionFailed) => void
  #heard = 0
  #asking = false
  #timer: NodeJS.Timeout | undefined

  constructor(desk: Desk, target: () => string | undefined, dead: (reason: ConnectionFailed) => void) {
    this.#desk = desk
    this.#target = target
    this.#dead = dead
    desk.entity.on('online', () => this.#start())
    for (const end of ['disconnect', 'offline']) desk.entity.on(end, () => clearInterval(this.#timer))
  }

  /** Something has come in. */
  heard(): void {
    this.#heard = performance.now()
  }

  #start(): void {
    clearInterval(this.#timer)
    this.heard()
    this.#asking = false
    this.#timer = setInterval(() => this.#look(), Math.max(10, this.#desk.limits.idleMs / 6))
    this.#timer.unref()
  }

  #look(): void {
    const { idleMs } = this.#desk.limits
    if (this.#asking || performance.now() - this.#heard < idleMs) return
    this.#asking = true
    void this.ask(idleMs / 3).then(() => {
      this.#asking = false
    })
  }

  /** Pings now. Resolves with whether anything at all came in within so many milliseconds; if not, the connection is ended. */
  async ask(timeoutMs: number): Promise<boolean> {
    const { entity } = this.#desk
    const { socket } = entity
    const before = this.#heard
    const payload = xml('ping', { xmlns: nsPing })
    await request(entity, { to: this.#target(), type: 'get', payload, timeoutMs }).catch(() => undefined)
    // What has arrived but not been read yet (a long pause of ours) counts: look after the loop has read it.
    for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve))
    if (this.#heard !== before) return true
    if (entity.socket === socket) this.#dead(new ConnectionFailed('silent'))
    return false
  }
}
