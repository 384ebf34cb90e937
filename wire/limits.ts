/**
 * The caps of one stream.
 *
 * Rule: nothing a peer says makes us hold more than these. A stanza over a cap is read to its end, so that the stream
 * stays up, but only its head (name, id, from, to, type) is remembered. Sizes of what comes in are counted in UTF-16 units of the decoded
 * text (a unit is one to three bytes), sizes of what goes out in bytes after escaping.
 */
export interface WireLimits {
  /** Longest stanza that is kept, in UTF-16 units. */
  stanza: number
  /** Deepest nesting inside a stanza; the stanza itself is depth 1. */
  depth: number
  /** Most elements in one stanza, itself included. */
  elements: number
  /** Most attributes on one element. */
  attributes: number
  /** Longest stanza we write, in bytes after escaping (P18: 128 KiB). */
  outgoing: number
  /**
   * What may wait to be written before those who ask for room have to wait. Far below `unsent`: what was written in this
   * turn is counted in UTF-16 units, and answers go out all the same.
   */
  crowded: number
  /** Bytes we let pile up unsent before the connection counts as stuck and is ended. */
  unsent: number
  /** Handlers of IQs that run at once. */
  running: number
  /** IQs that wait for a handler; more are answered `resource-constraint/wait` at once. */
  queued: number
  /** Requests of ours that wait for their answers at once. */
  pending: number
  /** How long a handler may take, in milliseconds, before the asker gets `internal-server-error`. */
  answerMs: number
  /** How long a connection may stay in one state on its way to `online`, in milliseconds. */
  stateMs: number
  /** Silence after which the server is pinged, and again after which it counts as dead, in milliseconds. */
  idleMs: number
}

const ours: WireLimits = {
  stanza: 64 * 1024,
  depth: 64,
  elements: 4096,
  attributes: 64,
  outgoing: 128 * 1024,
  crowded: 4 * 1024 * 1024,
  unsent: 32 * 1024 * 1024,
  running: 512,
  queued: 4096,
  pending: 65_536,
  answerMs: 30_000,
  stateMs: 10_000,
  idleMs: 30_000,
}

/** A component's caps: our longest legal stanza is 48 KiB (docs/protocol.md), so 64 Ki units leave room for a server's additions. */
export const componentLimits: Readonly<WireLimits> = ours

/**
 * A client's caps are wider: on the same stream come rosters, room lists and avatars for other handlers of the program.
 * Servers cap a stanza at 256 KiB (Prosody, ejabberd), but build longer results themselves.
 */
export const clientLimits: Readonly<WireLimits> = {
  ...ours,
  stanza: 1024 * 1024,
  elements: 32_768,
  attributes: 128,
  running: 64,
  queued: 512,
  pending: 4096,
}
