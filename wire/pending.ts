/**
 * The requests that wait for their answers.
 *
 * Rules: an answer is matched by its id and by whom we asked, exactly (cases 5, 6); each request ends once: answered, out of time, aborted, or
 * with the connection; nothing waits longer than its own time (case 7).
 */
import { foldJid, readRefusal } from '../schemas/index.js'
import type { Element } from '../schemas/xml.js'
import { childElements } from '../schemas/xml.js'
import type { Desk } from './desk.js'
import { RequestFailed, RequestRefused } from './errors.js'

interface Waiting {
  /** Folded address that must answer. */
  from: string
  /** Whether an answer without `from` counts: only the server that we are connected to can send one. */
  fromServer: boolean
  resolve(payload: Element | undefined): void
  reject(error: RequestRefused | RequestFailed): void
}

export class Pending {
  readonly #waiting = new Map<string, Waiting>()
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Waits for the answer of `to` (no `to`: of our own server) to the request with this id. */
  add(id: string, to: string | undefined, waiting: Pick<Waiting, 'resolve' | 'reject'>): void {
    const { entity, component } = this.#desk
    const { resolve, reject } = waiting
    // A component always says whom it asks, and nobody answers it without saying who he is.
    const own = component && to !== undefined ? undefined : entity.jid?.bare().toString()
    const from = to === undefined ? (own ?? '') : (foldJid(to) ?? to)
    const fromServer = !component && (from === own || from === entity.options.domain)
    this.#waiting.set(id, { from, fromServer, resolve, reject })
  }

  drop(id: string): void {
    this.#waiting.delete(id)
  }

  /** @returns whether the reply was to one of our requests, so that nobody else needs to see it */
  settle(
    id: string | undefined,
    from: string | undefined,
    type: 'result' | 'error' | 'oversize',
    iq?: Element,
  ): boolean {
    const { entity, counters } = this.#desk
    const waiting = id === undefined ? undefined : this.#waiting.get(id)
    if (!waiting) {
      const stock = type === 'oversize' && id !== undefined ? entity.iqCaller?.handlers.get(id) : undefined
      if (stock) {
        entity.iqCaller.handlers.delete(id!)
        stock.reject(new RequestFailed('bad-answer'))
      } else if (this.#desk.component) counters.strayReplies++
      return false
    }
    const matches =
      from === undefined ? waiting.fromServer : from === waiting.from || foldJid(from) === waiting.from
    if (!matches) {
      counters.strayReplies++
      return true
    }
    this.#waiting.delete(id!)
    if (type === 'oversize') waiting.reject(new RequestFailed('bad-answer'))
    else if (type === 'result') waiting.resolve(childElements(iq!)[0])
    else waiting.reject(refusalOf(iq!))
    return true
  }

  /** The connection is gone: whatever was asked, nobody knows what became of it. */
  disconnected(): void {
    for (const [id, waiting] of this.#waiting) {
      this.#waiting.delete(id)
      waiting.reject(new RequestFailed('disconnected'))
    }
    const stock = this.#desk.entity.iqCaller?.handlers
    if (!stock) return
    for (const [id, deferred] of stock) {
      stock.delete(id)
      deferred.reject(new RequestFailed('disconnected'))
    }
  }
}

/** An error reply without an error element is a refusal all the same. */
function refusalOf(iq: Element): RequestRefused {
  const error = childElements(iq).find((child) => child.name === 'error')
  const { condition, type, app, text } = readRefusal(error)
  return new RequestRefused(condition, type, app, text)
}
