/**
 * One round of killing: a file is under way, more than nothing and less than all of it is there, somebody is killed with
 * `kill -9`, comes back, and the file arrives whole, once, with one end for both sides.
 */

import assert from 'node:assert'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ComponentProcess } from './component-process.js'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage } from './stage.js'

export const victims = ['sender', 'receiver', 'component', 'server'] as const
export type Victim = (typeof victims)[number]

const size = 24 * mebibyte
/** What may be sent again after one kill (P4). */
const mostAgain = 9 * mebibyte

export interface RoundResult {
  /** How much was there when it was killed. */
  heldBytes: number
  /** ms from the return of the victim to the end of the transfer. */
  backMs: number
  /** Bytes that went over the wire beyond the file's own. */
  againBytes: number
}

export class KillStage {
  readonly stage = new Stage()
  #component!: ComponentProcess
  #faust!: Peer
  #mephisto!: Peer

  async open(): Promise<this> {
    const { stage } = this
    await stage.openServer()
    const { componentDomain: domain, componentService: server, secret } = stage.prosody
    this.#component = new ComponentProcess({ domain, server, secret, state: join(stage.dir, 'component') })
    await this.#component.start()
    ;[this.#faust, this.#mephisto] = await Promise.all([stage.peer('faust', 12), stage.peer('mephisto')])
    await Promise.all([this.#faust.begin(), this.#mephisto.begin()])
    return this
  }

  async close(): Promise<void> {
    await this.stage.close()
    await this.#component.kill()
  }

  /** @param random a number in [0, 1): when to kill */
  async round(victim: Victim, random: () => number): Promise<RoundResult> {
    const [faust, mephisto] = [this.#faust, this.#mephisto]
    faust.forget()
    mephisto.forget()
    const into = mephisto.folder()
    await mephisto.order('manners', { offers: { into } })
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', size)
    await faust.order('send', { peer: mephisto.jid, path, hashFirst: random() < 0.5 })
    const { key: sid } = await mephisto.inTheMiddle()
    await pause(random() * 100)
    const heldBytes = mephisto.heard('progress').at(-1)!.progress.bytes
    if (heldBytes === size) {
      // Too late: it counts for nothing.
      await Promise.all([faust.finished(sid), mephisto.finished(sid)])
      return this.round(victim, random)
    }
    assert(heldBytes > 0 && heldBytes < size, `killed with ${heldBytes} of ${size} bytes there`)
    const back = await this.#kill(victim)
    const [sent, received] = await Promise.all([faust.finished(sid), mephisto.finished(sid)])
    const backMs = performance.now() - back
    assert.equal(received.code, undefined)
    assert.equal(sent.code, undefined)
    assert.equal(sent.root, received.root)
    assert.deepEqual(readdirSync(into), ['my_girl.jpg'])
    assert.equal(digestOf(received.path!), digest)
    // The sender counts what it sent; where it was killed, the receiver's count of what came is the one there is.
    const moved = victim === 'sender' ? received.bytesMoved! : sent.bytesMoved!
    const againBytes = Math.max(0, moved - size)
    assert(againBytes <= mostAgain, `${againBytes} bytes were sent again`)
    return { heldBytes, backMs, againBytes }
  }

  async #kill(victim: Victim): Promise<number> {
    switch (victim) {
      case 'sender':
      case 'receiver': {
        const peer = victim === 'sender' ? this.#faust : this.#mephisto
        await peer.kill()
        await peer.revive()
        break
      }
      case 'component':
        await this.#component.kill()
        await this.#component.start()
        break
      case 'server':
        await this.stage.prosody.kill()
        await this.stage.prosody.restart()
    }
    return performance.now()
  }
}

/** Random numbers from a seed (mulberry32), so that a round can be had again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
