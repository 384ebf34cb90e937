/**
 * The words of the command for devices and whether they are trusted: orders and reports, as in words.ts, and under the same
 * rules. Devices are 64 lower hex, digits as they are read aloud, times whole seconds since 1970.
 */
import type { DeviceStanding } from '../client-plugin/index.js'

export type DeviceOrder =
  | { order: 'devices'; peer?: string }
  /** `device` is how its id begins; absent: the one that is meant, if there is one. */
  | { order: 'trust'; peer: string; device?: string; verified: boolean }
  /** Without a device the person is forgotten altogether. */
  | { order: 'forget-device'; peer: string; device?: string }

/** What a person says to a question about a device. */
export type DeviceAnswer = 'yes' | 'no' | 'later'

export type DeviceReport =
  /** This very device. */
  | { report: 'own-device'; device: string; digits: string }
  /** One that is remembered of somebody. */
  | {
      report: 'device'
      peer: string
      device: string
      digits: string
      standing: DeviceStanding
      firstSeen: number
      lastSeen: number
    }
  /**
   * One that is not known. So many others are (`known`), and so many transfers wait (`transfers`). `digits` are its own,
   * `ownDigits` this device’s. `asked` says that an answer is awaited.
   */
  | {
      report: 'unknown-device'
      peer: string
      device: string
      digits: string
      ownDigits: string
      known: number
      transfers: number
      asked: boolean
    }
  | {
      report: 'trusted'
      peer: string
      device: string
      standing: DeviceStanding
      digits: string
      goesOn: number
    }
  /** `device` is absent where the person is forgotten altogether. */
  | { report: 'forgotten'; peer: string; device?: string }
  /** Nothing is known of this person, or of anybody. */
  | { report: 'no-devices'; peer?: string }
