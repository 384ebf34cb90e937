/** Findings of `doctor`, as lines: a word for how it stands, the leg, a sentence; below it what to do. */
import type { Leg, Verdict } from '../../client-plugin/index.js'
import type { DoctorReport } from '../doctor-words.js'
import { showable } from '../showable.js'
import { wrapped } from './wrapped.js'

const verdictWords: Record<Verdict, string> = {
  works: 'ok',
  weak: 'weak',
  absent: 'none',
  fails: 'FAILS',
  skipped: '-',
}

const legWords: Record<Leg, string> = {
  account: 'account',
  component: 'component',
  clock: 'clock',
  state: 'state folder',
  listening: 'own port',
  'outer-address': 'outer address',
  mapping: 'router',
  'from-outside': 'reachable',
  proxy: 'proxy',
  turn: 'TURN',
  lists: 'long lists',
}

const verdictColumns = 7
const legColumns = 15

export function doctorSentence(report: DoctorReport): string {
  if (report.report === 'diagnosed') return report.says
  const { leg, verdict, says, todo } = report
  const start = verdictWords[verdict].padEnd(verdictColumns) + legWords[leg].padEnd(legColumns)
  const { columns } = process.stdout
  const besides = verdictColumns + legColumns
  const lines = [says, ...(todo === undefined ? [] : [todo])]
  const shown = lines.map((text) => wrapped(showable(text, 600), columns, besides))
  return start + shown.join(`\n${' '.repeat(besides)}`)
}
