/**
 * Who is logged in now: a device of a peer, under one full JID (docs/protocol.md, "Devices").
 *
 * What holds: a full JID speaks for one device, a device speaks under one full JID; a login takes over, and the old full
 * JID is fenced until it logs in again. What is remembered from before a restart, or before the stream was lost,
 * counts as logged in only when something has been heard from that full JID since. In memory only.
 *
 * A login counts from its commit on, and for what is committed together with it and after it (`comes`): otherwise a word
 * and a login in one batch would miss each other.
 */

import type { Party } from '../../protocol/mediation/index.js'
import { Strangers } from './strangers.js'

export interface Session {
  /** Row of the device. */
  readonly row: number
  readonly party: Party
  /** Full JID. */
  readonly jid: string
  /** When a stanza of it was last heard (UTC in ms). */
  heard: number
}

/** Told that a device is here, or is not any more; after it is so. */
export type OnAttend = (session: Session, isHere: boolean) => void

/** Full JIDs that are remembered as fenced at most; the oldest are forgotten first. */
const mostFenced = 10_000

export class Logins {
  readonly #byJid = new Map<string, Session>()
  readonly #byRow = new Map<number, Session>()
  readonly #byPeer = new Map<string, Set<Session>>()
  readonly #remembered = new Map<string, Session>()
  readonly #rememberedRows = new Map<number, Session>()
  readonly #fenced = new Set<string>()
  readonly #coming = new WeakMap<object, Map<number, Session>>()
  readonly #strangers: Strangers

  /** @param home the domain of our own server */
  constructor(
    private readonly onAttend: OnAttend,
    home: string,
  ) {
    this.#strangers = new Strangers(home)
  }

  get size(): number {
    return this.#byJid.size
  }

  /** Whether another may come under this full JID. */
  hasPlaceFor(jid: string): boolean {
    return this.#byJid.has(jid) || this.#remembered.has(jid) || this.#strangers.hasPlaceFor(jid)
  }

  under(jid: string): Session | undefined {
    return this.#byJid.get(jid)
  }

  ofDevice(row: number): Session | undefined {
    return this.#byRow.get(row)
  }

  /** Those of a peer, with those who come in this batch. */
  ofPeer(peer: string, batch: object): Session[] {
    const coming = this.#coming.get(batch)
    const here = [...(this.#byPeer.get(peer) ?? [])]
    if (coming === undefined) return here
    return [
      ...here.filter(({ row }) => !coming.has(row)),
      ...[...coming.values()].filter(({ party }) => party.peer === peer),
    ]
  }

  /** Whether a device is here, or comes in this batch. */
  isHere(row: number, batch: object): boolean {
    return this.#byRow.has(row) || this.#coming.get(batch)?.has(row) === true
  }

  /** Whether somebody is here under this full JID, or comes in this batch. */
  isTaken(jid: string, batch: object): boolean {
    if (this.#byJid.has(jid)) return true
    for (const session of this.#coming.get(batch)?.values() ?? []) if (session.jid === jid) return true
    return false
  }

  /** It is here as soon as this batch is committed. */
  comes(session: Session, batch: object): void {
    const coming = this.#coming.get(batch)
    if (coming) coming.set(session.row, session)
    else this.#coming.set(batch, new Map([[session.row, session]]))
  }

  all(): Iterable<Session> {
    return this.#byJid.values()
  }

  isFenced(jid: string): boolean {
    return this.#fenced.has(jid)
  }

  /**
   * Logs in; the same device under the same full JID once more stays the session it was.
   * @returns the session, and those it ends: of the device elsewhere, or of another device under the same full JID
   */
  add(session: Session): { session: Session; ended: Session[] } {
    const same = this.#byJid.get(session.jid)
    if (same && same.row === session.row) {
      same.heard = session.heard
      return { session: same, ended: [] }
    }
    const ended: Session[] = []
    const elsewhere = this.#byRow.get(session.row)
    if (elsewhere && elsewhere.jid !== session.jid) {
      this.#fence(elsewhere.jid)
      ended.push(elsewhere)
    }
    const remembered = this.#rememberedRows.get(session.row)
    if (remembered && remembered.jid !== session.jid) this.#fence(remembered.jid)
    if (remembered) this.forget(remembered.jid)
    this.forget(session.jid)
    if (same) ended.push(same)
    for (const each of ended) this.remove(each)
    this.#fenced.delete(session.jid)
    this.#byJid.set(session.jid, session)
    this.#strangers.came(session.jid)
    this.#byRow.set(session.row, session)
    const ofPeer = this.#byPeer.get(session.party.peer)
    if (ofPeer) ofPeer.add(session)
    else this.#byPeer.set(session.party.peer, new Set([session]))
    this.onAttend(session, true)
    return { session, ended }
  }

  remove(session: Session): void {
    if (this.#byJid.get(session.jid) === session) {
      this.#byJid.delete(session.jid)
      this.#strangers.went(session.jid)
    }
    if (this.#byRow.get(session.row) === session) {
      this.#byRow.delete(session.row)
      this.onAttend(session, false)
    }
    const ofPeer = this.#byPeer.get(session.party.peer)
    ofPeer?.delete(session)
    if (ofPeer?.size === 0) this.#byPeer.delete(session.party.peer)
  }

  /** It was logged in when we last knew. */
  remember(session: Session): void {
    if (!this.#byJid.has(session.jid) && !this.#byRow.has(session.row)) {
      if (!this.#remembered.has(session.jid)) this.#strangers.came(session.jid)
      this.#remembered.set(session.jid, session)
      this.#rememberedRows.set(session.row, session)
    }
  }

  remembered(jid: string): Session | undefined {
    return this.#remembered.get(jid)
  }

  allRemembered(): Session[] {
    return [...this.#remembered.values()]
  }

  /** @returns the one that was remembered under this full JID */
  forget(jid: string): Session | undefined {
    const session = this.#remembered.get(jid)
    if (this.#remembered.delete(jid)) this.#strangers.went(jid)
    if (session && this.#rememberedRows.get(session.row) === session) this.#rememberedRows.delete(session.row)
    return session
  }

  #fence(jid: string): void {
    this.#fenced.add(jid)
    if (this.#fenced.size <= mostFenced) return
    for (const oldest of this.#fenced) {
      this.#fenced.delete(oldest)
      break
    }
  }
}
