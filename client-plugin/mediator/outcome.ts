/**
 * What became of a word said to the component, told apart by what the speaker does next. The conditions are those of
 * docs/protocol.md, "Errors".
 */

import { Malformed, type ReadRefusal } from '../../schemas/index.js'
import { RequestFailed, RequestRefused, Unsendable } from '../../wire/index.js'
import { FileTransferError } from '../errors.js'

export type Outcome =
  /** Recorded durably: it may be acted on. */
  | { is: 'recorded' }
  /** Nobody knows: the stream or the component is away. Say the same again after the next login. */
  | { is: 'unsaid' }
  /** Not now: say the same again after so many ms. */
  | { is: 'later'; ms: number; why: FileTransferError }
  /** The other device is away; the component will say `ready`. */
  | { is: 'away' }
  /** Not in the state that the transfer is in: here is that state. */
  | { is: 'elsewhere'; phase: string; attempt: number }
  /** The component has no such transfer, or none of ours. */
  | { is: 'unknown'; expired: boolean }
  /** No, and no later either. */
  | { is: 'refused'; why: FileTransferError }

/** An outcome that stays. */
export type Settled = Exclude<Outcome, { is: 'unsaid' }>

/** Why a word was not recorded, for the person who said it. */
export function whyNot(outcome: Settled): FileTransferError {
  if (outcome.is === 'refused' || outcome.is === 'later') return outcome.why
  if (outcome.is === 'unknown') return new FileTransferError(outcome.expired ? 'expired' : 'unknown-transfer')
  if (outcome.is === 'elsewhere') return new FileTransferError('wrong-state', outcome.phase)
  return new FileTransferError('component-refused', outcome.is)
}

/** How long to wait where the component says `wait` and not how long, ms. */
const laterMs = 5_000

/** Sorts what `request` threw. Anything that is not an answer or the want of one is thrown on. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof RequestRefused) return refusalOutcome(error, error)
  if (error instanceof RequestFailed) {
    if (error.code === 'bad-answer') {
      return { is: 'refused', why: new FileTransferError('component-refused', undefined, { cause: error }) }
    }
    return { is: 'unsaid' }
  }
  if (error instanceof Unsendable) {
    return { is: 'refused', why: new FileTransferError('component-refused', error.message, { cause: error }) }
  }
  if (error instanceof Malformed) {
    return { is: 'refused', why: new FileTransferError('internal', error.message, { cause: error }) }
  }
  throw error
}

function refusalOutcome(refusal: ReadRefusal, cause: unknown): Outcome {
  const { condition, type, app } = refusal
  const detail = app === undefined ? condition : `${condition}, ${app.name}`
  const no = (code: ConstructorParameters<typeof FileTransferError>[0], more = detail): Outcome => ({
    is: 'refused',
    why: new FileTransferError(code, more, { cause }),
  })
  switch (condition) {
    case 'item-not-found':
      return { is: 'unknown', expired: app?.name === 'expired' }
    case 'recipient-unavailable':
      return { is: 'away' }
    case 'unexpected-request':
      if (app?.name === 'state') return { is: 'elsewhere', phase: app.state, attempt: app.attempt ?? 0 }
      return { is: 'unsaid' }
    case 'remote-server-timeout':
    case 'remote-server-not-found':
    case 'service-unavailable':
      // The server speaks, not the component.
      return { is: 'unsaid' }
    case 'resource-constraint':
      if (app?.name === 'quota') return no('too-many-offers', `${app.used} of ${app.max}`)
      return later(app, new FileTransferError('component-away', detail, { cause }))
    case 'policy-violation':
      if (type === 'wait') return later(app, new FileTransferError('too-fast', undefined, { cause }))
      return no('component-refused')
    case 'jid-malformed':
      return no('bad-peer', undefined)
    case 'not-acceptable':
      if (app?.name === 'bad-name') return no('bad-name', undefined)
      if (app?.name === 'file-too-large') return no('file-too-large', `at most ${app.max} bytes`)
      return no('component-refused')
    default:
      if (type === 'wait') return later(app, new FileTransferError('component-away', detail, { cause }))
      return no('component-refused')
  }
}

function later(app: ReadRefusal['app'], why: FileTransferError): Outcome {
  // Their number is heeded between one second and a minute only (P21).
  const asked = app?.name === 'retry' ? app.afterSeconds * 1_000 : laterMs
  return { is: 'later', ms: Math.min(60_000, Math.max(1_000, asked)), why }
}
