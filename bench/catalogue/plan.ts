/** What is to be measured: how many of what, and where. */

import type { ShareName } from '../../component/catalogue/values.js'

export interface Plan {
  path: string
  /** A folder for PostgreSQL's, that is kept. */
  cluster?: string | undefined
  entries: number
  peers: number
  /** Of each kind. */
  queries: number
  readers: number
  /** For filling at most. */
  seconds: number
  seed: number
}

export const shareOf = (peer: number): ShareName => ({
  peer: `p${peer}@bench.example`,
  device: 'd',
  share: 'share',
})

export const say = (line: string) => process.stderr.write(`${line}\n`)

/** What came of it: milliseconds by kind of query, and the rest. */
export interface Figures {
  queries: Record<string, { median: number; p99: number }>
  notes: Record<string, unknown>
}
