/**
 * Makes the first link of a program quick: while a transfer waits for somebody's answer, what a link needs is loaded and
 * compiled, by one handshake of this device with itself.
 *
 * Rules: once in a process, and only while nobody waits for it: not right after what was asked for, and not any more where
 * an attempt was opened meanwhile.
 */

import { type DeviceIdentity, warmUp } from '../../link/index.js'

/** What has just come in or gone out is seen to first, ms. */
const restMs = 100

/** Compiled code belongs to the process, whoever's it is. */
let isDone = false

/** There may be a link soon, but not at once. */
export function warmUpSoon(identity: Promise<DeviceIdentity>): void {
  if (isDone) return
  isDone = true
  setTimeout(() => {
    if (!isUsed) identity.then(warmUp).catch(() => undefined)
  }, restMs).unref()
}

let isUsed = false

/** There will be a real link now. */
export function noMoreWarming(): void {
  isUsed = true
}
