/**
 * Who is online in the catalogue: what attendance tells is written down there, which also refreshes the registration.
 *
 * What holds: the last word about a device counts, and is written in the end, also after the disk failed; so many writes
 * are on their way at once, and there is one entry for a device however often it comes and goes (P16). When the stream
 * is lost, one write takes everybody offline.
 */

import type { Session } from '../attendance/logins.js'
import type { Catalogue } from '../catalogue/catalogue.js'
import type { Asker } from './asker.js'

/** Writes on their way at once. */
const mostAtOnce = 64
/** After a write that failed, in ms. */
const pause = 1_000

export class Presence {
  readonly #catalogue: Pick<Catalogue, 'attend' | 'allOffline'>
  /** Devices that are here. */
  readonly #here = new Map<string, Session>()
  /** Devices of which the catalogue may think otherwise. */
  readonly #changed = new Map<string, Asker>()
  #everybodyGone = false
  #writing = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(catalogue: Pick<Catalogue, 'attend' | 'allOffline'>) {
    this.#catalogue = catalogue
  }

  /** Devices that are here, for figures. */
  get size(): number {
    return this.#here.size
  }

  /** A device came, or went. */
  attend(session: Session, isHere: boolean): void {
    const { party } = session
    const key = keyOf(party)
    if (isHere) this.#here.set(key, session)
    else this.#here.delete(key)
    this.#changed.set(key, party)
    this.#soon()
  }

  /** The catalogue has this device anew. */
  refresh(asker: Asker): void {
    if (!this.#here.has(keyOf(asker))) return
    this.#changed.set(keyOf(asker), { peer: asker.peer, device: asker.device })
    this.#write()
  }

  /** The stream is lost: whoever was here has been told off one by one already. */
  everybodyGone(): void {
    if (this.#here.size === 0) this.#changed.clear()
    this.#everybodyGone = true
    this.#write()
  }

  /** The catalogue was opened again and knows of nobody; or he is here for long, which refreshes what is his. */
  tellAgain(): void {
    for (const [key, { party }] of this.#here) this.#changed.set(key, party)
    this.#soon()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  /** In a later turn: whoever goes and comes in one turn is written once. */
  #soon(ms = 0): void {
    if (this.#timer !== undefined || this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#write()
    }, ms)
    this.#timer.unref()
  }

  #write(): void {
    if (this.#stopped) return
    if (this.#everybodyGone) {
      this.#everybodyGone = false
      // Said again after it failed, it would take along who came meanwhile.
      for (const [key, { party }] of this.#here) this.#changed.set(key, party)
      this.#count(this.#catalogue.allOffline(), () => {
        this.#everybodyGone = true
      })
    }
    for (const [key, party] of this.#changed) {
      if (this.#writing >= mostAtOnce) return
      this.#changed.delete(key)
      this.#count(this.#catalogue.attend(party, this.#here.has(key)), () => this.#changed.set(key, party))
    }
  }

  #count(written: Promise<unknown>, again: () => void): void {
    this.#writing++
    const isBusy = (answer: unknown) => (answer as { kind?: unknown } | undefined)?.kind === 'busy'
    written
      .then(isBusy, () => true)
      .then((failed) => {
        this.#writing--
        if (failed) again()
        if (failed) this.#soon(pause)
        else if (this.#changed.size > 0) this.#write()
      })
  }
}

const keyOf = ({ peer, device }: Asker) => `${device} ${peer}`
