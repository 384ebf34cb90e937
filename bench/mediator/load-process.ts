/**
 * The load, in a process of its own, steered by its parent: log in, run sessions or echoes at a breadth for some
 * seconds, measure single offers at rest.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../report.js'
import { type Account, Pair } from './pair.js'

export type Order =
  | {
      do: 'logIn'
      port: number
      component: string
      accounts: [Account, Account][]
    }
  | { do: 'sessions' | 'echo'; echo: string; atOnce: number; seconds: number }
  | { do: 'offers'; count: number }

/** At most as many sessions at once as one pair may have pending by the component's usual limits. */
const sessionsPerPair = 8

let pairs: Pair[] = []

process.on('message', (order: Order) => {
  obey(order).then(
    (result) => process.send!({ result }),
    (error: Error) => process.send!({ error: error.message }),
  )
})
process.on('uncaughtException', (error) => {
  process.send!({ error: error.message }, () => process.exit(1))
})
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<Record<string, number>> {
  if (order.do === 'logIn') {
    pairs = await Promise.all(
      order.accounts.map((accounts) => Pair.logIn(order.port, order.component, accounts)),
    )
    await Promise.all(pairs.map((pair) => pair.logInAtComponent()))
    return {}
  }
  if (order.do === 'offers') return singleOffers(order.count)
  const one = (pair: Pair) => (order.do === 'echo' ? pair.echo(order.echo) : pair.session())
  return runAtOnce(order.atOnce, order.seconds, one)
}

/** Keeps `atOnce` under way for `seconds`; the rate is of those that ended within them, after a fifth more to warm up. */
async function runAtOnce(
  atOnce: number,
  seconds: number,
  one: (pair: Pair) => Promise<unknown>,
): Promise<Record<string, number>> {
  const durations: number[] = []
  let sessions = 0
  const begin = performance.now() + seconds * 200
  const end = begin + seconds * 1000
  const used = Math.min(pairs.length, Math.ceil(atOnce / sessionsPerPair))
  const lane = async (number: number) => {
    const pair = pairs[number % used]!
    while (performance.now() < end) {
      const begun = performance.now()
      await one(pair)
      sessions++
      const now = performance.now()
      if (now >= begin && now <= end) durations.push(now - begun)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, (_, number) => lane(number)))
  return {
    perSecond: durations.length / seconds,
    sessions,
    p50Ms: quantile(durations, 0.5),
    p99Ms: quantile(durations, 0.99),
  }
}

/** One offer after the other, each declined before the next, with a rest in between. */
async function singleOffers(count: number): Promise<Record<string, number>> {
  const recorded: number[] = []
  const delivered: number[] = []
  for (let offer = 0; offer < count; offer++) {
    const session = await pairs[0]!.session(true)
    recorded.push(session.recorded - session.begun)
    delivered.push(session.delivered - session.begun)
    await pause(5)
  }
  return {
    p50Ms: quantile(delivered, 0.5),
    p99Ms: quantile(delivered, 0.99),
    recordedP50Ms: quantile(recorded, 0.5),
    recordedP99Ms: quantile(recorded, 0.99),
  }
}
