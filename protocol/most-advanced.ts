/**
 * What is said of an offer to several devices in one word: the state of the device that is furthest, so that one that said no, or
 * broke off, is of no interest as long as another has the file or is getting it (the optimistic view). Pure.
 */

/** From the best to the worst. Whatever still runs stands before what waits for an answer, and every end without the file after it. */
export const fromBest = [
  'complete',
  'moving',
  'linking',
  'queued',
  'waiting',
  'paused',
  'countered',
  'proposed',
  'aborting',
  'failed',
  'aborted',
  'taken',
  'expired',
  'declined',
] as const

export type DeviceState = (typeof fromBest)[number]

const rank = new Map<DeviceState, number>(fromBest.map((state, at) => [state, at]))

/** Whether one state is further than another. */
export function isFurther(one: DeviceState, other: DeviceState): boolean {
  return rank.get(one)! < rank.get(other)!
}

/**
 * The state of the whole.
 * @param states of the devices that have answered
 * @param isOpen whether others may still answer
 */
export function mostAdvanced(states: readonly DeviceState[], isOpen: boolean): DeviceState {
  const all: readonly DeviceState[] = isOpen || states.length === 0 ? [...states, 'proposed'] : states
  return all.reduce((best, state) => (isFurther(state, best) ? state : best))
}
