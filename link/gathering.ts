/**
 * What a side can use to be reached besides its own addresses (docs/protocol.md, "Paths"). All of it is optional, and
 * all of it may fail: an attempt takes what is there in time and says why the rest is not.
 *
 * Whoever builds a Gathering knows XMPP; this room knows sockets and what these objects promise.
 */

import type { Duplex } from 'node:stream'

/** A server that tells, over TCP, which address a connection comes from (RFC 8489). */
export interface StunServer {
  /** An IP literal. */
  ip: string
  port: number
  /** Told when it gave no answer: others are better asked first. */
  failed?(): void
}

/** A port that a router lets through to ours, until it is released. */
export interface MappedPort {
  /** The router's outer address, an IP literal. */
  ip: string
  port: number
  /** Takes the mapping back; never throws. */
  release(): void
}

/** The router's mapping of ports (UPnP-IGD, NAT-PMP, PCP); one for the whole program. */
export interface PortMapper {
  /** Maps a TCP port of ours; undefined where no router does. It is renewed by itself while it is held. */
  map(port: number, signal?: AbortSignal): Promise<MappedPort | undefined>
  /** Milliseconds for which it is worth while to wait for a port now: little where a router was asked long ago and is silent. */
  worthMs?(): number
  /** Takes all mappings back. */
  close(): Promise<void>
}

/** A TURN server that allocates over TCP (RFC 5766, 6062), with credentials as in XEP-0215. */
export interface TurnServer {
  /** An IP literal. */
  ip: string
  port: number
  username: string
  password: string
  tls?: false
  /** Told when it made no allocation: others are better asked first. */
  failed?(): void
}

/** A SOCKS5 bytestreams proxy (XEP-0065) of our own server, for one stream of one attempt. */
export interface ProxyOffer {
  /** An IP literal. */
  ip: string
  port: number
  /** 40 lower-case hex: the SHA-1 that both sides connect to. */
  dst: string
  /** Asks the proxy to join the two; rejects while the other side has not come yet. `refused` where it never will. */
  activate(): Promise<'joined' | 'refused'>
}

/** A bytestream inside XMPP (XEP-0047), for one attempt. */
export interface InbandOffer {
  /** Our full JID, as it is announced. */
  jid: string
  sid: string
  /** Resolves with the stream that the other side opens under our `sid`. */
  accept(): Promise<Duplex>
  /** Opens one to what the other side announced; rejects for a JID that is not of that peer. */
  dial(jid: string, sid: string): Promise<Duplex>
}

export interface Gathering {
  stun?: readonly StunServer[]
  mapper?: PortMapper
  turn?: readonly TurnServer[]
  /** One for each proxy; each is used in one attempt only. */
  proxies?: readonly ProxyOffer[]
  inband?: InbandOffer
}
