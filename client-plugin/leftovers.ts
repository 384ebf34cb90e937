/**
 * What ended transfers left of their files, as the user is told of it, and removes it before its time (transfer/left-parts.ts).
 */

import { provenBefore } from '../bytes/index.js'
import type { LeftOver, LeftOvers } from './api.js'
import type { PartHolder } from './journal/journal.js'
import { isEnd, type TransferRecord } from './journal/record.js'
import type { Register } from './register.js'
import { dropLeft, HoldersOf, leftKeptMs } from './transfer/left-parts.js'
import { localTrouble } from './transfer/local-trouble.js'
import { ReceivingTransfer } from './transfer/receiving.js'

const dayMs = 24 * 3_600_000

export class OwnLeftOvers implements LeftOvers {
  constructor(readonly register: Register) {}

  of(key: string): LeftOver | undefined {
    try {
      return this.#of(key)
    } catch {
      // A journal that cannot be read now: it is only for showing.
      return undefined
    }
  }

  #of(key: string): LeftOver | undefined {
    const all = this.#journal.partHolders()
    const named = new HoldersOf(all)
    for (const { record } of this.#named(key, all).reverse()) {
      // Where another one goes on with it, it is that one's.
      if (!named.of(record).every((one) => isLeft(one.record))) continue
      const { path } = record.part!
      const bytes = provenBefore(path, record.filesize ?? 0)
      if (bytes > 0) return { path, bytes, days: leftKeptMs / dayMs }
    }
    return undefined
  }

  async discard(key: string): Promise<boolean> {
    try {
      const numbers = new Set(this.#named(key, this.#journal.partHolders()).map(({ record }) => record.n))
      for (const transfer of this.register.bound()) {
        const isOne = numbers.has(transfer.record.n) && transfer instanceof ReceivingTransfer
        // Of one that has just ended, what is under way is still being written.
        if (isOne && transfer.isOver) await transfer.part.close()
      }
      // Of one that is over, a last word may be unsaid: nobody goes on with it all the same, and it is wished away.
      const all = this.#journal.partHolders().map((one) => {
        const { record } = one
        return isLeft(record) && record.partOf === undefined ? { ...one, isOver: true } : one
      })
      const named = new HoldersOf(all)
      const dropped = this.#named(key, all).filter(({ record }) => dropLeft(this.#journal, named, record))
      return dropped.length > 0
    } catch (error) {
      throw localTrouble(error)
    }
  }

  get #journal() {
    return this.register.around.journal
  }

  /** Those of this transfer, oldest first; of what was got from whoever has it, those of its requests. */
  #named(key: string, all: PartHolder[]): PartHolder[] {
    const whole = this.#journal.byOwnId(key)?.n
    return all.filter(({ record: { sid, authored, id, partOf } }) => {
      return sid === key || (authored && id === key) || (partOf !== undefined && partOf === whole)
    })
  }
}

function isLeft({ phase }: TransferRecord): boolean {
  return isEnd(phase) && phase !== 'complete'
}
