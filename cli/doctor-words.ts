/** The words of the command for `doctor`: orders and reports, as in words.ts, and under the same rules. */
import type { Finding } from '../client-plugin/index.js'

export type DoctorOrder = { order: 'doctor' }

export type DoctorReport =
  | ({ report: 'finding' } & Finding)
  /** The last: what all of it means for transfers. `works` where nothing fails. */
  | { report: 'diagnosed'; works: boolean; says: string }
