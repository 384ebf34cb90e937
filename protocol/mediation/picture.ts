/** Draws the table of legal steps for the docs, so that the picture cannot differ from what is done. */

import type { Action, Phase, Role } from './edges.js'
import { edges, isEnd } from './edges.js'

interface Edge {
  from: Phase
  action: Action
  role: Role
  to: Phase
}

/** The legal steps in Markdown: a Mermaid diagram, and the same as a table. */
export function picture(): string {
  const all = list()
  return [
    '```mermaid',
    'stateDiagram-v2',
    '    [*] --> proposed',
    ...arrows(all),
    ...(Object.keys(edges) as Phase[]).filter(isEnd).map((phase) => `    ${phase} --> [*]`),
    '```',
    '',
    '| in | action | said by | leads to |',
    '|---|---|---|---|',
    ...all.map(({ from, action, role, to }) => `| ${from} | \`${action}\` | ${role} | ${to} |`),
  ].join('\n')
}

function list(): Edge[] {
  const all: Edge[] = []
  for (const [from, actions] of Object.entries(edges)) {
    for (const [action, roles] of Object.entries(actions)) {
      for (const [role, to] of Object.entries(roles)) all.push({ from, action, role, to } as Edge)
    }
  }
  return all
}

/** One arrow for each pair of phases, with all that leads along it. */
function arrows(all: Edge[]): string[] {
  const labels = new Map<string, Set<string>>()
  for (const { from, to, action } of all) {
    const pair = `${from} --> ${to}`
    labels.set(pair, (labels.get(pair) ?? new Set()).add(action))
  }
  return [...labels].map(([pair, actions]) => `    ${pair}: ${[...actions].join(', ')}`)
}
