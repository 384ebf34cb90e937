/** Which path a link took, and why no cheaper one, as words. The reasons are our own; they are escaped all the same. */
import type { PathPolicy, PathTaken } from '../../client-plugin/index.js'
import type { PathReport } from '../path-words.js'
import { showable } from '../showable.js'

type Kind = PathTaken['kind']

const kindWords: Record<Kind, string> = {
  direct: 'directly',
  mapped: 'through a port mapped at the router',
  punch: 'by simultaneous open through both routers',
  proxy: 'over the server’s relay',
  turn: 'over the TURN server',
  inband: 'inside XMPP',
}

/** For the line of a bar, where there is little room. */
const shortKind: Record<Kind, string> = {
  direct: 'direct',
  mapped: 'mapped',
  punch: 'punched',
  proxy: 'relay',
  turn: 'TURN',
  inband: 'in XMPP',
}

/** What a cheaper kind would have been. */
const missing: Record<string, string> = {
  direct: 'no direct path',
  mapped: 'no mapped port',
  punch: 'no simultaneous open',
  proxy: 'no relay of the server',
  turn: 'no TURN',
}
/** So many reasons of one kind are shown. */
const mostReasons = 3

/** `directly`, `over the server’s relay`. */
export const pathText = ({ kind }: PathTaken): string => kindWords[kind] ?? showable(kind, 20)

/** `direct`, `direct ×4` where several sockets carry it: for a line with little room. */
export const pathInShort = ({ kind, sockets = 1 }: PathTaken): string =>
  sockets > 1 ? `${shortKind[kind]} ×${sockets}` : shortKind[kind]

/** `over the server’s relay: no direct path (timeout), no simultaneous open (no STUN server)`. */
export function pathAndWhy(path: PathTaken): string {
  const reasons = new Map<string, string[]>()
  for (const each of path.why) {
    const [, kind = '', reason = ''] = /^(\w+): (.*)$/s.exec(each) ?? []
    if (Object.hasOwn(missing, kind)) reasons.set(kind, [...(reasons.get(kind) ?? []), reason])
  }
  const all = [...reasons].map(([kind, said]) => {
    const shown = [...new Set(said)].slice(0, mostReasons)
    return `${missing[kind]} (${showable(shown.join('; '), 200)})`
  })
  return all.length === 0 ? pathText(path) : `${pathText(path)}: ${all.join(', ')}`
}

const policyWords: Record<PathPolicy | 'usual', string> = {
  any: 'any path',
  direct: 'directly only, through nobody else’s machine',
  relay: 'through a relay only; no address of yours is told',
  usual: 'as for everybody',
}

export function pathSentence(report: PathReport): string {
  if (report.report === 'no-paths') return 'no path is chosen for anybody'
  return `${showable(report.peer, 80)}: ${policyWords[report.policy]}`
}
