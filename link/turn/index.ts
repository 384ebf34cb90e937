/**
 * A relay of one's own choice: TCP allocations on a TURN server (RFC 8656, RFC 6062). What it gives are plain sockets to
 * the other side; whoever is behind them is still nobody.
 */

export { openAllocation, type TurnAllocation, type TurnOptions } from './allocation.js'
export type { TurnFailure } from './failure.js'
export { TurnFailed } from './failure.js'
