/** Who may see a share, as `--for` says it: people (name@server), servers, `everybody`, `nobody`. */
import type { VisibleTo } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'

/** What docs/catalogue.md, "Limits", allows. */
const mostDomains = 16
const mostPeers = 64

/** @param said each `--for`, in order @returns undefined where nothing was said. @throws CommandFailed `usage` */
export function parseVisibleTo(said: string[]): VisibleTo | undefined {
  if (said.length === 0) return undefined
  for (const kind of ['everybody', 'nobody'] as const) {
    if (!said.includes(kind)) continue
    if (said.some((each) => each !== kind)) {
      throw new CommandFailed('usage', `--for ${kind} leaves no room for others.`, 'Leave one of them out.')
    }
    return { kind }
  }
  const peers = new Set<string>()
  const domains = new Set<string>()
  for (const each of said) {
    if (/^[^@/\s]+@[^@/\s]+$/.test(each)) peers.add(each)
    else if (/^[^@/\s]+$/.test(each) && /[.:]|^localhost$/.test(each)) domains.add(each)
    else {
      throw new CommandFailed(
        'usage',
        `--for: “${each}” is neither a person nor a server.`,
        'Write name@server, server.example, everybody or nobody.',
      )
    }
  }
  if (peers.size > mostPeers || domains.size > mostDomains) {
    throw new CommandFailed(
      'usage',
      `A share is for at most ${mostPeers} people and ${mostDomains} servers.`,
      'Name their servers instead, or make a second share.',
    )
  }
  return { kind: 'only', domains: [...domains], peers: [...peers] }
}
