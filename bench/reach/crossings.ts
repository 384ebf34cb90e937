/** The table of the sixteen pairs of routers, and of what else there is in homes. */
import { setTimeout as wait } from 'node:timers/promises'
import type { HomePlan } from '../../test/bed/bed.js'
import { type Crossing, type Cut, cross } from '../../test/bed/crossing.js'
import { asDue, pathDue } from '../../test/bed/due.js'
import { ejabberdIsThere } from '../../test/bed/ejabberd.js'
import { Town } from '../../test/bed/people.js'
import { routerKinds } from '../../test/bed/router.js'
import type { Services } from '../../test/bed/servers.js'
import type { Row } from '../report.js'

interface Try {
  part: string
  a: HomePlan
  b: HomePlan
  cut: Cut
  services: Services
  more?: string
}

const settleMs = 4_000

const all: Services = { proxy: true, turn: true, stun: true }
const silence: Cut = { how: 'silence', home: 'B' }

/** Every pair, in both directions. */
const pairs: Try[] = routerKinds.flatMap((a) =>
  routerKinds.map((b) => ({
    part: 'pairs',
    a: { router: a },
    b: { router: b },
    cut: silence,
    services: all,
  })),
)

const others: Try[] = [
  {
    part: 'upnp',
    a: { router: 'restricted', upnp: true },
    b: { router: 'symmetric' },
    cut: silence,
    services: all,
  },
  {
    part: 'upnp',
    a: { router: 'symmetric' },
    b: { router: 'restricted', upnp: true },
    cut: silence,
    services: all,
  },
  {
    part: 'upnp',
    a: { router: 'symmetric', upnp: true },
    b: { router: 'symmetric' },
    cut: silence,
    services: all,
  },
  ...(['open', 'restricted', 'symmetric'] as const).map((router) => ({
    part: 'ipv6',
    a: { router, ipv6: true },
    b: { router, ipv6: true },
    cut: silence,
    services: all,
  })),
  ...(['A', 'B'] as const).flatMap((home) =>
    (['open', 'restricted', 'symmetric'] as const).map((router) => ({
      part: 'moves',
      a: { router },
      b: { router },
      cut: { how: 'move' as const, home },
      services: all,
    })),
  ),
  ...(['restricted', 'symmetric'] as const).map((router) => ({
    part: 'ejabberd',
    a: { router: 'symmetric' as const },
    b: { router },
    cut: silence,
    services: { xmpp: 'ejabberd' as const, proxy: true },
    more: 'by ejabberd’s proxy',
  })),
  {
    part: 'relays',
    a: { router: 'symmetric' },
    b: { router: 'symmetric' },
    cut: silence,
    services: { proxy: true },
    more: 'only a proxy',
  },
  {
    part: 'relays',
    a: { router: 'symmetric' },
    b: { router: 'symmetric' },
    cut: silence,
    services: { turn: true, stun: true },
    more: 'only TURN',
  },
]

export async function* crossings(asked: {
  mebibytes: number
  mbit: number
  chosen: (part: string) => boolean
  say: (line: string) => void
}): AsyncGenerator<{ row?: Row; absent?: Record<string, string> }> {
  const isChosen = ({ part, a, b }: Try) =>
    asked.chosen(part) || (part === 'pairs' && asked.chosen(`${a.router}-${b.router}`))
  for (const one of [...pairs, ...others].filter(isChosen)) {
    const name = nameOf(one)
    if (one.services.xmpp === 'ejabberd' && !ejabberdIsThere()) {
      yield { absent: { ejabberd: 'not installed' } }
      continue
    }
    const due = pathDue(one.a, one.b)
    try {
      const town = await Town.make({
        A: one.a,
        B: one.b,
        services: one.services,
        weather: { roundTripMs: 50, mbitPerSecond: asked.mbit },
      })
      // As of people who have been there for a while: what their devices ask the network for at the login is answered.
      await wait(settleMs)
      // Some relays are slow by themselves, and it is not their rate that is asked for.
      const mebibytes = one.more === undefined ? asked.mebibytes : Math.min(16, asked.mebibytes)
      const seen = await cross(town, { mebibytes, cut: one.cut }).finally(() => town.close())
      asked.say(`${name}: due ${due}, ${JSON.stringify(seen)}`)
      yield { row: { name, words: words(due, seen), figures: figures(seen) } }
    } catch (error) {
      asked.say(`${name}: ${(error as Error).message}`)
      yield { row: { name, words: { due, used: 'none' }, figures: {} } }
    }
  }
}

function words(due: string, { used, usedAfter, family }: Crossing): Record<string, string> {
  const asDueIs = asDue(used) === due ? '' : ' (!)'
  return { due, used: `${used}${family === 6 ? ' by IPv6' : ''}${asDueIs}`, after: usedAfter ?? '-' }
}

const figures = ({ firstByteSeconds, mbitPerSecond, goesOnSeconds }: Crossing) => ({
  firstByteSeconds,
  mbitPerSecond,
  ...(goesOnSeconds !== undefined && { goesOnSeconds }),
})

function nameOf({ a, b, cut, more }: Try): string {
  const home = ({ router, upnp, ipv6 }: HomePlan) =>
    `${router}${upnp ? ' + UPnP' : ''}${ipv6 ? ' + IPv6' : ''}`
  const moved = cut.how === 'move' ? `, ${cut.home} moves` : ''
  return `${home(a)} → ${home(b)}${moved}${more === undefined ? '' : `, ${more}`}`
}
