/**
 * Looks at each leg that a transfer stands on, all at once.
 *
 * Rules: no leg stops another; each is said exactly once, within its time, whatever happens; what is opened is closed.
 */

import type { DiagnoseOptions, Finding, Leg } from '../diagnosis-api.js'
import { Ground, type GroundOptions, legMs, type Said } from './ground.js'
import { lists } from './list-leg.js'
import { state } from './machine-legs.js'
import { ports } from './port-legs.js'
import { outerAddress, proxy, turn } from './relay-legs.js'
import { account, clock, component } from './server-legs.js'

/** All of it; the longest leg waits for the server’s word and then tries twice, ms. */
const allMs = 18_000

const order: Leg[] = [
  'account',
  'component',
  'clock',
  'state',
  'listening',
  'outer-address',
  'mapping',
  'from-outside',
  'proxy',
  'turn',
  'lists',
]

/** @returns a finding for each leg, in the order of the legs. Never rejects. */
export async function diagnose(
  around: Omit<GroundOptions, 'signal'>,
  { signal: given, onFinding }: DiagnoseOptions = {},
): Promise<Finding[]> {
  const over = new AbortController()
  const signals = [over.signal, AbortSignal.timeout(allMs), ...(given === undefined ? [] : [given])]
  const signal = AbortSignal.any(signals)
  const ground = new Ground({ ...around, signal })
  const begun = performance.now()
  const findings = new Map<Leg, Finding>()
  let told = 0
  const say = (leg: Leg, said: Said): void => {
    if (findings.has(leg)) return
    const finding = { leg, facts: {}, ...said, ms: Math.round(performance.now() - begun) }
    findings.set(leg, finding)
    // They come in no order, and are told in theirs, each as soon as it can be.
    for (; told < order.length && findings.has(order[told]!); told++) onFinding?.(findings.get(order[told]!)!)
  }
  const one = (leg: Leg, look: (ground: Ground) => Promise<Said>) =>
    look(ground).then(
      (said) => say(leg, said),
      () => say(leg, silent),
    )
  const ended = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  const all = Promise.all([
    one('account', account),
    one('component', component),
    one('clock', clock),
    one('state', state),
    ports(ground, say).catch(() => undefined),
    one('outer-address', outerAddress),
    one('proxy', proxy),
    one('turn', turn),
    one('lists', lists),
  ])
  await Promise.race([all, ended])
  for (const leg of order) say(leg, silent)
  over.abort()
  return order.map((leg) => findings.get(leg)!)
}

const silent: Said = {
  verdict: 'fails',
  says: `No answer within ${Math.round(legMs / 1_000)} seconds or more.`,
  todo: 'Try again; if it stays so, something on the way is down.',
}
