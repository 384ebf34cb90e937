/** The transfers as the user sees them: those between two devices, and what is got from whoever has it, in one list. */

import type { Transfer } from './api.js'
import type { Gettings } from './getting/gettings.js'
import type { Register } from './register.js'
import type { AnyTransfer } from './transfer/kinds.js'

/** So many that ended are listed at most. */
const mostListed = 1_000

export class TransferList {
  constructor(
    readonly register: Register,
    readonly gettings: Gettings,
  ) {}

  /** Those in memory, newest last. */
  all(): Transfer[] {
    const all = [...this.register.all().filter(isShown), ...this.gettings.all()]
    return all.sort((a, b) => a.record.n - b.record.n)
  }

  /** Those that ended, newest first, also those that are only in the journal. @throws JournalFailed */
  ended(most: number): Transfer[] {
    const records = this.register.around.journal.ended(Math.min(mostListed, Math.max(1, Math.floor(most))))
    return records.map((record) => {
      return record.pursuit === undefined ? this.register.known(record) : this.gettings.known(record)
    })
  }

  named(key: string): Transfer | undefined {
    return this.register.named(key) ?? this.gettings.named(key)
  }
}

/** What is only an unanswered proposal is shown as an offer or request; what is a part of something is not shown. */
function isShown({ record }: AnyTransfer): boolean {
  return record.partOf === undefined && (record.authored || record.phase !== 'proposed')
}
