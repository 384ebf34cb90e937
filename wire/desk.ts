/**
 * The desk of an entity: everything that comes in passes it before the stock code sees it.
 *
 * Rules:
 * - A reply counts only if we asked, and only from whom we asked (cases 5, 7).
 * - A component's IQs are all ours: each get or set is answered exactly once, nothing of it is echoed, results and
 *   errors are never answered (cases 17–20). Addresses of it with a local part are nobody's: it says so, whatever is asked there.
 *   On a client we take what we answer; the rest is for the program's other handlers.
 * - A stanza over the caps is known by its head only; an IQ get or set among them is refused (cases 26–28).
 * - Nothing is thrown back into the stream.
 */
import { parseJid, stampedJid, stanzaTooBig, writeRefusal } from '../schemas/index.js'
import { type Element, localName, namespaceOf, xml } from '../schemas/xml.js'
import { Answers } from './answers.js'
import { type EntityParts, isComponent, type WireLog, type XmppEntity } from './entity.js'
import { type ConnectionFailed, Refused } from './errors.js'
import { clientLimits, componentLimits, type WireLimits } from './limits.js'
import { Pending } from './pending.js'
import { serialiseWithin, Unsendable } from './serialise.js'
import type { StanzaHead } from './xml/stanza-parser.js'

export const silent: WireLog = { debug() {}, info() {}, warn() {}, error() {} }

/** What has happened at a desk, for an operator's figures. */
export interface DeskCounters {
  /** Stanzas over the caps. */
  oversize: number
  /** Replies nobody waits for, or from somebody else than whom we asked. */
  strayReplies: number
  /** Stanzas that cannot be answered: no id, no sender, not for us. */
  ignored: number
  /** IQs refused because the queue was full. */
  shed: number
  /** Handlers that took longer than allowed. */
  late: number
}

export class Desk {
  readonly component: boolean
  limits: WireLimits
  log: WireLog = silent
  readonly pending: Pending
  readonly answers: Answers
  readonly listeners = {
    presence: new Set<(presence: Element) => void>(),
    message: new Set<(message: Element) => void>(),
  }
  readonly counters: DeskCounters = { oversize: 0, strayReplies: 0, ignored: 0, shed: 0, late: 0 }
  /** Writes without a promise; set by hardening. */
  post: ((text: string) => void) | undefined
  /** What there is to do when the network may have changed (moved.ts); set by hardening. */
  moving:
    | { ask(ms: number): Promise<boolean>; hurry(): void; fail(reason: ConnectionFailed): void }
    | undefined
  /** When there is room to write more; set by hardening. */
  whenRoom: (() => Promise<void> | undefined) | undefined

  constructor(readonly entity: EntityParts) {
    this.component = isComponent(entity)
    this.limits = this.component ? componentLimits : clientLimits
    this.pending = new Pending(this)
    this.answers = new Answers(this)
    const emit = entity.emit
    entity.emit = (event: string, ...args: unknown[]): boolean => {
      if (event !== 'element') return emit.call(entity, event, ...args)
      const element = args[0] as Element
      if (this.take(element)) return true
      try {
        return emit.call(entity, event, ...args)
      } catch (error) {
        // Stock code throws at an address that is none; the stream has nothing to do with it.
        this.log.debug({ err: error }, 'a stanza was dropped')
        return true
      }
    }
    entity.on('disconnect', () => this.pending.disconnected())
    entity.on('offline', () => this.pending.disconnected())
  }

  /** The address we answer from when the stanza names none: ours. */
  get self(): string {
    return this.entity.jid?.toString() ?? this.entity.options.domain ?? ''
  }

  /** Whether the stanza is settled here; otherwise it goes the stock way. */
  take(element: Element): boolean {
    switch (element.name) {
      case 'iq':
        return this.#takeIq(element)
      case 'presence':
      case 'message':
        for (const listener of this.listeners[element.name]) {
          try {
            listener(element)
          } catch (error) {
            this.log.error({ err: error }, `a listener for each ${element.name} threw`)
          }
        }
        return false
      default:
        return false
    }
  }

  #takeIq(iq: Element): boolean {
    const { type, id } = iq.attrs
    let taken: boolean
    if (type === 'result' || type === 'error') {
      taken = this.pending.settle(id, iq.attrs.from, type, iq)
    } else if (type === 'get' || type === 'set') {
      taken = this.#takeQuery(iq, type, id)
    } else {
      // Of an unknown type: an answer might start a loop.
      this.counters.ignored++
      taken = true
    }
    if (taken) this.#counted()
    return taken || this.component
  }

  #takeQuery(iq: Element, type: 'get' | 'set', id: string | undefined): boolean {
    let payload: Element | undefined
    let count = 0
    for (const child of iq.children) {
      if (typeof child === 'object') {
        payload ??= child
        count++
      }
    }
    const asker = this.#asker(iq.attrs.from)
    const at = this.#addressed(iq.attrs.to)
    if (!this.component) {
      if (count !== 1 || !asker) return false
      const handler = this.answers.find(type, namespaceOf(payload!) ?? '', localName(payload!))
      if (!handler || !id || handler.takes?.(payload!, asker) === false) return false
      this.answers.run(handler, payload!, { from: asker, id, to: iq.attrs.to ?? this.self })
      return true
    }
    if (!id || !asker || at === 'elsewhere') {
      this.counters.ignored++
      return true
    }
    const context = { from: asker, id, to: iq.attrs.to ?? this.self }
    if (at === 'nobody') {
      this.refuse(context, Refused.by('unknown-namespace'))
      return true
    }
    if (count !== 1) {
      this.refuse(context, Refused.by('malformed'))
      return true
    }
    const ns = namespaceOf(payload!) ?? ''
    const name = localName(payload!)
    const handler = this.answers.find(type, ns, name)
    if (handler) this.answers.run(handler, payload!, context)
    else this.refuse(context, this.answers.unknown(ns))
    return true
  }

  /** A stanza over the caps: all there is of it is its head. */
  oversize(head: StanzaHead): void {
    this.counters.oversize++
    this.#counted()
    if (head.name !== 'iq') return
    const { id, type } = head
    if (type === 'result' || type === 'error') {
      this.pending.settle(id, head.from, 'oversize')
      return
    }
    const asker = this.#asker(head.from)
    if ((type !== 'get' && type !== 'set') || !id || !asker || this.#addressed(head.to) === 'elsewhere') {
      this.counters.ignored++
      return
    }
    this.refuse({ from: asker, id, to: head.to ?? this.self }, Refused.by('too-big', stanzaTooBig()))
  }

  refuse(context: { from: string; id: string; to: string }, refused: Refused): void {
    const { condition, type, app, text } = refused
    this.reply(context, 'error', writeRefusal({ condition, type, app, text }))
  }

  /** Says an answer. What cannot be said (too big, characters that XML lacks) becomes a refusal: one answer there is. */
  reply(
    context: { from: string; id: string; to: string },
    type: 'result' | 'error',
    payload?: Element,
  ): void {
    const iq = xml('iq', {
      type,
      id: context.id,
      to: context.from,
      from: this.component ? context.to : undefined,
    })
    if (payload) iq.cnode(payload)
    let text: string
    try {
      text = serialiseWithin(iq, this.limits.outgoing)
    } catch (error) {
      this.log.error({ err: error }, 'an answer could not be written')
      if (type === 'error') return
      const code = error instanceof Unsendable && error.code === 'stanza-too-big' ? 'too-big' : 'internal'
      this.refuse(context, Refused.by(code, code === 'too-big' ? stanzaTooBig() : undefined))
      return
    }
    if (this.#canPost) this.post?.(text)
    else this.entity.send(iq).catch((error) => this.log.debug({ err: error }, 'an answer was lost'))
  }

  /**
   * Writes a request. A component's is lost without a word if the connection is lost under it: then all that waits is told.
   * @returns on a client, when the system has taken it  @throws Unsendable
   */
  say(iq: Element): Promise<void> | undefined {
    if (!this.component || !this.#canPost) return this.entity.send(iq)
    iq.attrs.from ??= this.self
    this.post?.(serialiseWithin(iq, this.limits.outgoing))
    return undefined
  }

  /** Stock stream management counts what `send` sends. */
  get #canPost(): boolean {
    return this.post !== undefined && !this.entity.streamManagement?.enabled
  }

  /** Who asks, if it is an address at all. On a client no `from` means the account's own server (RFC 6120 §8.1.2.1). */
  #asker(from: string | undefined): string | undefined {
    if (from === undefined) return this.component ? undefined : this.entity.jid?.bare().toString()
    // Whom a component takes for nobody it tells so, in its own words; on a client the stock way does.
    return (this.component ? parseJid(from) : stampedJid(from)) ? from : undefined
  }

  /**
   * Whose address a stanza names. A component answers from the address that was asked; from a foreign one, the server would end the
   * stream. All that are sent to its domain reach it, and with a local part they are for somebody who is not there (RFC 6121 §8.5.1).
   */
  #addressed(to: string | undefined): 'us' | 'nobody' | 'elsewhere' {
    const { domain } = this.entity.options
    if (!this.component || to === undefined || to === domain) return 'us'
    const jid = parseJid(to)
    if (jid?.domain !== domain) return 'elsewhere'
    return jid?.local === undefined ? 'us' : 'nobody'
  }

  /** Stock stream management counts what its middleware sees; what we take it does not see. */
  #counted(): void {
    const management = this.entity.streamManagement
    if (management) management.inbound += 1
  }
}

const desks = new WeakMap<object, Desk>()

/** The one desk of this entity. */
export function deskOf(entity: XmppEntity): Desk {
  let desk = desks.get(entity)
  if (!desk) {
    desk = new Desk(entity as EntityParts)
    desks.set(entity, desk)
  }
  return desk
}
