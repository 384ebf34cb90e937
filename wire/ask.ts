/** Asking and being asked: `request`, `answer`, `onPresence`, `onMessage`, over any entity of @xmpp, hardened or not. */
import { type Element, xml } from '../schemas/xml.js'
import type { Handle, Takes } from './answers.js'
import { deskOf } from './desk.js'
import type { XmppEntity } from './entity.js'
import { RequestFailed } from './errors.js'
import { newId } from './ids.js'

export interface RequestOptions {
  /** Whom we ask; without it, our own account's server. */
  to?: string
  type: 'get' | 'set'
  payload: Element
  /** At most how long to wait, in milliseconds; 30 s unless said. Clamped to 1 ms – 10 min. */
  timeoutMs?: number
  /** Each of these ends the waiting. */
  signal?: AbortSignal | readonly AbortSignal[]
}

/**
 * Asks, and gives the payload of the result (`undefined` when it is empty).
 *
 * Only an answer of `to` itself counts (RFC 6120 §8.1.2.1): addresses are compared whole, after folding.
 * @throws RequestRefused when the answer is an error
 * @throws RequestFailed when none came
 * @throws Unsendable when the request is over the cap or has characters that XML cannot carry
 */
export async function request(entity: XmppEntity, options: RequestOptions): Promise<Element | undefined> {
  const { to, type, payload, signal = [] } = options
  const signals = signal instanceof AbortSignal ? [signal] : signal
  const desk = deskOf(entity)
  for (const { aborted, reason } of signals)
    if (aborted) throw new RequestFailed('aborted', { cause: reason })
  if (entity.status !== 'online') throw new RequestFailed('disconnected')
  if (desk.pending.size >= desk.limits.pending) throw new RequestFailed('too-many')
  const timeoutMs = Math.min(Math.max(options.timeoutMs ?? 30_000, 1), 600_000)
  const id = newId()
  const iq = xml('iq', { type, id, to }, payload)
  return new Promise<Element | undefined>((resolve, reject) => {
    const timer = setTimeout(() => fail(new RequestFailed('timeout')), timeoutMs)
    const done = () => {
      clearTimeout(timer)
      for (const forget of forgets) forget()
      desk.pending.drop(id)
    }
    const fail = (error: Error) => {
      done()
      reject(error)
    }
    const forgets = signals.map((each) =>
      whenAborted(each, () => fail(new RequestFailed('aborted', { cause: each.reason }))),
    )
    desk.pending.add(id, to, {
      resolve: (answer) => {
        done()
        resolve(answer)
      },
      reject: fail,
    })
    const unsent = (error: Error) =>
      fail(error?.name === 'Unsendable' ? error : new RequestFailed('disconnected', { cause: error }))
    try {
      desk.say(iq)?.catch(unsent)
    } catch (error) {
      unsent(error as Error)
    }
  })
}

/** Who waits for each signal. Most requests of a program have the same one, and a listener of their own each costs as much as writing them. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `stop` when the signal fires. @returns a function that takes it back */
function whenAborted(signal: AbortSignal, stop: () => void): () => void {
  const all = waiting.get(signal) ?? waitFor(signal)
  all.add(stop)
  return () => all.delete(stop)
}

/** On its own, so that the listener, which may last for long, holds nothing of the request that came first. */
function waitFor(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>()
  waiting.set(signal, all)
  signal.addEventListener('abort', () => {
    for (const one of [...all]) one()
  })
  return all
}

/**
 * Answers IQs of one type, namespace and name. A handler returns the payload of the result or nothing, or throws: `Refused` becomes that error, `Malformed`
 * `bad-request`, anything else `internal-server-error` with an id that is in the log. On a client `takes` tells which of them are ours.
 * @returns a function that ends it
 */
export function answer(
  entity: XmppEntity,
  options: { type: 'get' | 'set'; ns: string; name: string; handle: Handle; takes?: Takes },
): () => void {
  const { type, ns, name, handle, takes } = options
  return deskOf(entity).answers.add(type, ns, name, handle, takes)
}

/** Hears every presence that comes in, of whatever type. @returns a function that ends it */
export function onPresence(entity: XmppEntity, listener: (presence: Element) => void): () => void {
  return hearing(entity, 'presence', listener)
}

/** Hears every message that comes in, of whatever type. @returns a function that ends it */
export function onMessage(entity: XmppEntity, listener: (message: Element) => void): () => void {
  return hearing(entity, 'message', listener)
}

function hearing(entity: XmppEntity, what: 'presence' | 'message', listener: (stanza: Element) => void) {
  const listeners = deskOf(entity).listeners[what]
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * While so much waits to be written that more would only pile up: resolves when some of it is gone, or the connection is.
 * Nothing, if there is room. Whoever writes much of his own accord asks first: what piles up ends the connection.
 */
export function whenRoom(entity: XmppEntity): Promise<void> | undefined {
  return deskOf(entity).whenRoom?.()
}

/** What an entity has refused, dropped and shed so far, and what it is busy with. */
export function figures(entity: XmppEntity) {
  const desk = deskOf(entity)
  return { ...desk.counters, ...desk.answers.load, pending: desk.pending.size }
}
