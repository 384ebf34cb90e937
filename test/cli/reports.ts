/** Reports of the command, told apart by their kind. */
import type { Report } from '../../cli/words.js'

export type Of<Kind extends Report['report']> = Extract<Report, { report: Kind }>

/** Whether a report is of this kind. */
export const kind =
  <Kind extends Report['report']>(name: Kind) =>
  (report: Report): report is Of<Kind> =>
    report.report === name
