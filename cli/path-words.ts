/** The words of the command for the paths that are chosen for single people: orders and reports, as in words.ts. */
import type { PathPolicy } from '../client-plugin/index.js'

export type PathOrder =
  /** Without a person all that is chosen is told; without a policy what is chosen for this one. `usual` takes it back. */
  { order: 'path'; peer?: string; policy?: PathPolicy | 'usual' }

export type PathReport =
  | { report: 'path'; peer: string; policy: PathPolicy | 'usual' }
  /** Nothing is chosen for anybody. */
  | { report: 'no-paths' }
