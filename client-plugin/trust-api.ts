/** The public shape of trust in devices: types only (docs/protocol.md, "Trust on first use"). */

import type { Standing } from '../protocol/device-trust.js'
import type { Transfer } from './api.js'

/**
 * How a device came to be known: as a person's first (`first-use`), by your word (`person`), with its digits compared
 * (`verified`); `revoked` is not trusted any more.
 */
export type DeviceStanding = Standing

/** `first`: nothing is known of this person yet. `unknown`: other devices are, and this one is asked about. */
export type DeviceLook = 'known' | 'first' | 'unknown'

/** A device that is remembered. */
export interface KnownDevice {
  /** Bare JID. */
  readonly peer: string
  /** 64 hex. */
  readonly device: string
  readonly standing: DeviceStanding
  readonly firstSeen: Date
  /** To the hour. */
  readonly lastSeen: Date
}

/** A device that is not known, and for which transfers wait, paused as `unknown-device`. */
export interface UnknownDevice {
  /** Bare JID, as the server stamped it. */
  readonly peer: string
  /** 64 hex. */
  readonly device: string
  /** What is known of this person; `verified` ones among them are why it is asked at once. */
  readonly known: readonly KnownDevice[]
  /** What waits for it. */
  readonly transfers: readonly Transfer[]
  /** Trusts it: what waits goes on. `verified`: its digits were compared. */
  trust(options?: { verified?: boolean }): Promise<void>
  /** Aborts what waits. It stays unknown. */
  refuse(): Promise<void>
}

/** The devices of other people, as this device knows them. @throws FileTransferError `bad-peer`, `bad-option` for a device that is none, `state-unusable` */
export interface TrustedDevices {
  /** What is remembered, person by person, or of one. */
  known(peer?: string): KnownDevice[]
  /** What is asked about. */
  unknown(peer?: string): UnknownDevice[]
  /**
   * Trusts a device; what waits for it goes on.
   * @param device 64 hex
   * @returns what goes on now; before the entity was started nothing does, and `resume()` goes on with it
   */
  trust(peer: string, device: string, options?: { verified?: boolean }): Promise<Transfer[]>
  /**
   * Trusts a device no more: it is asked about again, and what moves to or from it is paused. Without a device the person
   * is forgotten altogether, and their next device is the first one again.
   * @returns whether anything was known
   */
  forget(peer: string, device?: string): Promise<boolean>
  /** 32 digits of a device in groups of four, to be compared aloud. */
  digits(device: string): string
  /** What two people compare: the digits of a device and of this one, in the same order at both sides. */
  compare(device: string): Promise<[string, string]>
}
