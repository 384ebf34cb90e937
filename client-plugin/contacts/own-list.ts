/**
 * A list that our person's own server keeps for the account: read whenever the stream is new, and kept current by what the server
 * pushes.
 *
 * Rules: only our own server speaks for our own account; pushes are looked at, and left for others to answer; a list that could
 * not be read is read again, and is unknown meanwhile; one that the server does not keep is empty.
 */

import { childElements, type Element, Malformed } from '../../schemas/index.js'
import { RequestFailed, RequestRefused, request, type XmppEntity } from '../../wire/index.js'
import { FileTransferError } from '../errors.js'

export interface OwnListAround {
  readonly entity: XmppEntity
  readonly timeoutMs: number
  /** Fires when the plugin is stopped. */
  readonly stopped: AbortSignal
  /** It is known now, or has changed. */
  changed(): void
  /** It cannot be read; it is tried again. */
  report(trouble: FileTransferError): void
}

/** When a list that could not be read is read again, ms: doubled each time. */
const firstPauseMs = 2_000
const longestPauseMs = 120_000

export abstract class OwnList {
  #isKnown = false
  /** Counts the readings: an older one that comes late says nothing. */
  #reading = 0
  #pauseMs = firstPauseMs
  #timer: NodeJS.Timeout | undefined

  constructor(readonly around: OwnListAround) {
    const { entity, stopped } = around
    const online = () => {
      this.#pauseMs = firstPauseMs
      this.readAgain()
    }
    const look = (stanza: Element) => this.#look(stanza)
    entity.on('online', online)
    entity.on('stanza', look)
    stopped.addEventListener('abort', () => {
      clearTimeout(this.#timer)
      entity.off('online', online)
      entity.off('stanza', look)
    })
    // When whoever extends this is made.
    queueMicrotask(() => {
      if (entity.status === 'online' && this.#reading === 0) this.readAgain()
    })
  }

  get isKnown(): boolean {
    return this.#isKnown
  }

  protected abstract question(): Element
  /** Takes the answer in; none where the server keeps no such list. @throws Malformed */
  protected abstract take(answer: Element | undefined): void
  /** Looks at what the server pushed. @returns whether it is ours */
  protected abstract push(child: Element): boolean

  /** What it held does not count any more until it is read. */
  protected readAgain(): void {
    this.#isKnown = false
    void this.#read(++this.#reading)
  }

  protected changed(): void {
    this.around.changed()
  }

  async #read(reading: number): Promise<void> {
    const { entity, timeoutMs, stopped: signal } = this.around
    clearTimeout(this.#timer)
    let answer: Element | undefined
    try {
      answer = await request(entity, { type: 'get', payload: this.question(), timeoutMs, signal })
      if (reading !== this.#reading || signal.aborted) return
      this.take(answer)
    } catch (error) {
      if (reading !== this.#reading || signal.aborted) return
      if (!(error instanceof RequestRefused)) {
        // It is there, and too large, or no such list.
        const isUnfit =
          error instanceof Malformed || (error instanceof RequestFailed && error.code === 'bad-answer')
        if (isUnfit) {
          this.around.report(new FileTransferError('quota', 'a list of the server', { cause: error }))
        }
        this.#timer = setTimeout(() => this.readAgain(), isUnfit ? longestPauseMs : this.#pauseMs)
        this.#timer.unref()
        this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2)
        return
      }
      this.take(undefined)
    }
    this.#isKnown = true
    this.changed()
  }

  #look(stanza: Element): void {
    const { from, type } = stanza.attrs
    if (stanza.name !== 'iq' || type !== 'set') return
    if (from !== undefined && from !== this.around.entity.jid?.bare().toString()) return
    childElements(stanza).some((child) => this.push(child))
  }
}
