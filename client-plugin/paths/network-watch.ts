/**
 * Finds out that the network has moved under a link: Wi-Fi to cable, another address, a cable that was out, a machine that
 * slept. TCP says nothing of it for minutes.
 *
 * Rules: nothing is sent but a ping to our own server, and only while a link is silent; a link whose own address has gone
 * is given up at once; one that was silent all through a cut of the network is given up when the network is back, because
 * TCP waits as long again as the cut was; so is one that stays silent from before our stream was lost until some seconds
 * after we are back: the same move took both, perhaps, and it has nothing to say by which it would find out; a link that
 * moves is never touched, whatever the stream of XMPP does.
 */

import { networkInterfaces } from 'node:os'
import { isStanding, moved, type XmppEntity } from '../../wire/index.js'

/** A link, as far as it is watched. */
export interface WatchedLink {
  /** This machine's end of it; undefined where it has none of its own, as inside XMPP. */
  readonly localAddress: string | undefined
  /** Bytes that have come in or gone out; while it stays the same nothing moves. */
  readonly bytesMoved: number
}

export interface NetworkEvents {
  /** This machine's addresses have changed, or it has slept. */
  changed(): void
}

/** How often it is looked, ms. */
const lookMs = 1_000
/** A link that was silent for so many looks is doubted. */
const silentLooks = 2
/** One whose silence began before the stream was lost is given up after so many looks in a row, once we are logged in. */
const lostLooks = 4
/** While links are silent the server is asked no more often than this, ms. */
const askEveryMs = 5_000
/** A server that says nothing for so long cannot be reached, ms. */
const standingMs = 4_000
/** Time that has passed between two looks for a machine that slept, ms. */
const sleptMs = 15_000

interface Watched {
  link: WatchedLink
  gone: () => void
  bytes: number
  silent: number
  /** Whether nothing has moved since the stream was lost. */
  isSuspect: boolean
}

export class NetworkWatch {
  readonly #watched = new Set<Watched>()
  readonly #timer: NodeJS.Timeout
  #addresses = ownAddresses()
  #lookedAt = Date.now()
  #askedAt = Number.NEGATIVE_INFINITY
  #isAsking = false
  /** Whether the network was found to be cut, or another one, since the last login. */
  #isCut = false
  #isIn = false

  constructor(
    readonly entity: XmppEntity,
    readonly events: NetworkEvents,
    /** How often it is looked, ms. */
    everyMs = lookMs,
  ) {
    this.#timer = setInterval(() => this.#look(), everyMs)
    this.#timer.unref()
    entity.on('disconnect', this.#lost)
  }

  /** Watches a link until the function that is returned is called. `gone` is called at most once, and gives it up. */
  watch(link: WatchedLink, gone: () => void): () => void {
    const one: Watched = { link, gone, bytes: link.bytesMoved, silent: 0, isSuspect: false }
    this.#watched.add(one)
    return () => this.#watched.delete(one)
  }

  /** A link broke: perhaps the network did, and the stream does not know it yet. */
  doubt(): void {
    void this.#ask(lookMs)
  }

  /** The stream of XMPP is there again: so is the network. */
  loggedIn(): void {
    this.#isIn = true
    if (!this.#isCut) return
    this.#isCut = false
    this.#giveUp(({ silent, link, bytes }) => silent >= silentLooks && link.bytesMoved === bytes)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.entity.off('disconnect', this.#lost)
    this.#watched.clear()
  }

  readonly #lost = (): void => {
    this.#isIn = false
    for (const one of this.#watched) {
      if (one.link.bytesMoved !== one.bytes) one.silent = 0
      one.bytes = one.link.bytesMoved
      one.isSuspect = true
    }
  }

  #look(): void {
    const now = Date.now()
    const slept = now - this.#lookedAt > sleptMs
    this.#lookedAt = now
    const addresses = ownAddresses()
    const isOther = isOtherNetwork(this.#addresses, addresses)
    this.#addresses = addresses
    if (isOther || slept) this.#changed(addresses)
    for (const one of this.#watched) {
      one.silent = one.link.bytesMoved === one.bytes ? one.silent + 1 : 0
      one.bytes = one.link.bytesMoved
      if (one.silent === 0) one.isSuspect = false
    }
    if (this.#isIn) this.#giveUp(({ isSuspect, silent }) => isSuspect && silent >= lostLooks)
    const isDoubtful = [...this.#watched].some(({ silent }) => silent >= silentLooks)
    if (isDoubtful) void this.#ask(askEveryMs)
  }

  #changed(addresses: ReadonlySet<string>): void {
    this.#isCut = true
    void moved(this.entity).then((stands) => {
      if (stands) this.#isCut = false
    })
    this.#giveUp(
      ({ link: { localAddress } }) => localAddress !== undefined && !addresses.has(plain(localAddress)),
    )
    this.events.changed()
  }

  async #ask(atMostEveryMs: number): Promise<void> {
    const askedAt = performance.now()
    if (this.#isAsking || askedAt - this.#askedAt < atMostEveryMs) return
    this.#isAsking = true
    this.#askedAt = askedAt
    const stands = await isStanding(this.entity, standingMs)
    this.#isAsking = false
    this.#isCut = !stands
  }

  #giveUp(which: (one: Watched) => boolean): void {
    for (const one of [...this.#watched].filter(which)) {
      this.#watched.delete(one)
      one.gone()
    }
  }
}

const plain = (address: string): string => address.replace(/^::ffff:/, '')

function ownAddresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return new Set(all.map(({ address }) => address))
}

/** Addresses that come and go with what runs inside this machine lead nowhere. */
const leadsOut = (address: string): boolean => !/^(127\.|::1$|fe80:|169\.254\.)/i.test(address)

/** Whether the addresses that lead out of this machine are other ones. */
function isOtherNetwork(before: ReadonlySet<string>, now: ReadonlySet<string>): boolean {
  const [old, all] = [[...before].filter(leadsOut), [...now].filter(leadsOut)]
  return old.length !== all.length || all.some((one) => !before.has(one))
}
