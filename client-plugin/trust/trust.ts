/**
 * Trust on first use, as transfers and users see it: the gate before each attempt, the question, and the answer.
 *
 * Rules: a device passes the gate before a port is opened for it, and so before it gets an address or a byte; what does not
 * pass is paused as `unknown-device`, and stays so until somebody trusts the device. Where anybody would do, nobody is asked
 * about and nothing is remembered: a file that everybody may get, a content that is got from whoever has it.
 */

import { deviceDigits, pairDigits } from '../../protocol/device-digits.js'
import { judgeDevice, type TrustPolicy } from '../../protocol/device-trust.js'
import { bareJid } from '../../schemas/index.js'
import type { Transfer } from '../api.js'
import { FileTransferError } from '../errors.js'
import type { TransferRecord } from '../journal/record.js'
import type { DeviceLook, KnownDevice, TrustedDevices, UnknownDevice } from '../trust-api.js'
import type { BookedDevice, DeviceBook } from './device-book.js'

/** What trust needs of a transfer. */
interface Bound extends Transfer {
  readonly record: TransferRecord
  readonly isOver: boolean
  /** Pauses it for a reason that is the user's to see to. */
  suspend(why: FileTransferError): void
}

export interface TrustOptions {
  book: DeviceBook
  policy: TrustPolicy
  /** Our own bare JID, as far as it is known. */
  self(): string | undefined
  /** This device. */
  own: Promise<string>
  /** Every transfer in memory. */
  transfers(): Bound[]
  /** Whether a share is for everybody. */
  isForAll(share: string): boolean
  asked(question: UnknownDevice): void
  /** Whether there is a session: without one nothing is begun, and the next `resume()` goes on. */
  mayGoOn(): boolean
  resumed(transfer: Transfer): void
  report(error: unknown): void
}

const deviceForm = /^[0-9a-f]{64}$/

export class Trust implements TrustedDevices {
  constructor(readonly options: TrustOptions) {}

  /**
   * The gate. A first device is remembered here, durably.
   * @throws FileTransferError `unknown-device`, or `state-unusable` where nobody can say what is known
   */
  demand(record: TransferRecord): void {
    const { peer, device } = record
    if (this.#isAnybodys(record)) return
    if (device === undefined) throw new FileTransferError('unknown-device')
    const { book } = this.options
    const verdict = this.#judge(peer, device)
    if (verdict === 'ask') {
      // When it is paused.
      setImmediate(() => this.#ask(peer, device))
      throw unknown(device)
    }
    const now = Date.now()
    if (verdict === 'first') book.remember(peer, device, 'first-use', now)
    else for (const each of book.of(peer)) if (each.device === device) book.used(each, now)
  }

  /** How a device stands, for who is asked about an offer or a request. */
  look(peer: string, device: string): DeviceLook {
    const verdict = this.#judge(peer, device)
    return verdict === 'ask' ? 'unknown' : verdict
  }

  known(peer?: string): KnownDevice[] {
    const { book } = this.options
    return (peer === undefined ? book.all() : book.of(bareOf(peer))).map(shown)
  }

  unknown(peer?: string): UnknownDevice[] {
    const wanted = peer === undefined ? undefined : bareOf(peer)
    const waiting = this.options.transfers().filter(isWaiting)
    const keys = new Map<string, [string, string]>()
    for (const { record } of waiting)
      keys.set(`${record.peer} ${record.device}`, [record.peer, record.device!])
    return [...keys.values()]
      .filter(([each]) => wanted === undefined || each === wanted)
      .map(([each, device]) => this.#question(each, device))
  }

  async trust(
    peer: string,
    device: string,
    { verified = false }: { verified?: boolean } = {},
  ): Promise<Transfer[]> {
    const bare = bareOf(peer)
    const { book } = this.options
    const before = book.of(bare).find((each) => each.device === deviceOf(device))
    const isVerified = verified || before?.standing === 'verified'
    book.remember(bare, deviceOf(device), isVerified ? 'verified' : 'person', Date.now())
    const waiting = this.#waitingFor(bare, device)
    if (!this.options.mayGoOn()) return []
    for (const transfer of waiting) {
      await transfer.resume().catch(this.options.report)
      this.options.resumed(transfer)
    }
    return waiting
  }

  async forget(peer: string, device?: string): Promise<boolean> {
    const bare = bareOf(peer)
    const { book } = this.options
    if (device === undefined) return book.forgetAll(bare)
    const before = book.of(bare).find((each) => each.device === deviceOf(device))
    if (before === undefined || before.standing === 'revoked') return false
    book.remember(bare, device, 'revoked', Date.now())
    for (const transfer of this.options.transfers()) {
      const { record } = transfer
      const runs = record.phase === 'running' && !record.paused
      if (!runs || record.peer !== bare || record.device !== device || this.#isAnybodys(record)) continue
      transfer.suspend(unknown(device))
    }
    return true
  }

  digits(device: string): string {
    return deviceDigits(deviceOf(device))
  }

  async compare(device: string): Promise<[string, string]> {
    return pairDigits(deviceOf(device), await this.options.own)
  }

  /** @throws FileTransferError `state-unusable` */
  #judge(peer: string, device: string) {
    const { book, policy, self } = this.options
    return judgeDevice(device, book.of(peer), { policy, isOwn: self() === peer })
  }

  #isAnybodys({ share, partOf, direction }: TransferRecord): boolean {
    // What is got from whoever has it; what one device has of an offer to every one is for that device.
    if (direction === 'receiving') return partOf !== undefined
    return share !== undefined && this.options.isForAll(share)
  }

  #waitingFor(peer: string, device: string): Bound[] {
    const isFor = ({ record }: Bound) => record.peer === peer && record.device === device
    return this.options.transfers().filter((transfer) => isWaiting(transfer) && isFor(transfer))
  }

  #ask(peer: string, device: string): void {
    try {
      if (this.#waitingFor(peer, device).length > 0) this.options.asked(this.#question(peer, device))
    } catch (error) {
      this.options.report(error)
    }
  }

  #question(peer: string, device: string): UnknownDevice {
    return {
      peer,
      device,
      known: this.known(peer),
      transfers: this.#waitingFor(peer, device),
      trust: async (options) => void (await this.trust(peer, device, options)),
      refuse: async () => {
        for (const transfer of this.#waitingFor(peer, device)) await transfer.abort()
      },
    }
  }
}

function isWaiting({ record, isOver }: Bound): boolean {
  return !isOver && record.paused === true && record.trouble === 'unknown-device'
}

function shown({ peer, device, standing, first, used }: BookedDevice): KnownDevice {
  return { peer, device, standing, firstSeen: new Date(first), lastSeen: new Date(used) }
}

/** Sixteen digits of an id tell devices of one person apart well enough to be typed. */
function unknown(device: string): FileTransferError {
  return new FileTransferError('unknown-device', device.slice(0, 16))
}

function bareOf(peer: string): string {
  const bare = bareJid(peer)
  if (bare === undefined) throw new FileTransferError('bad-peer')
  return bare
}

function deviceOf(device: string): string {
  if (!deviceForm.test(device)) throw new FileTransferError('bad-option', 'device')
  return device
}
