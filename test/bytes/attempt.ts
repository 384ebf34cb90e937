/**
 * One attempt at moving a file between two ends in memory, and what came of it on either side.
 */

import {
  type PartFile,
  type ReceiveFailed,
  type ReceiveOptions,
  receive,
  type ServeFailed,
  type ServeOptions,
  type Source,
  serve,
} from '../../bytes/index.js'
import { channelPair, type PairOptions } from './channel-pair.js'

export interface AttemptOutcome {
  /** The root, where everything was proven. */
  root?: Uint8Array
  /** Why the receiving side failed. */
  failed?: ReceiveFailed
  /** Why the sending side failed; it does where nobody says `done`. */
  serveFailed?: ServeFailed
  /** Bytes of the file the sender gave to the channel. */
  bytesSent: number
}

/** Moves what is missing; says `done` at once when all is proven, without placing it. */
export async function attempt(
  source: Source,
  part: PartFile,
  options: { pair?: PairOptions; serve?: ServeOptions; receive?: ReceiveOptions; during?: () => void } = {},
): Promise<AttemptOutcome> {
  const [near, far] = channelPair(options.pair)
  const serving = serve(near, source, options.serve)
  const receiving = receive(far, part, options.receive)
  options.during?.()
  const outcome: AttemptOutcome = { bytesSent: 0 }
  await receiving.proven.then(
    ({ root }) => {
      outcome.root = root
      receiving.finish()
    },
    (failed: ReceiveFailed) => {
      outcome.failed = failed
    },
  )
  await serving.done.catch((failed: ServeFailed) => {
    outcome.serveFailed = failed
  })
  outcome.bytesSent = serving.bytesSent
  return outcome
}
