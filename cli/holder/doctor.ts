/** `doctor`: each leg is looked at, said in order, and summed up. */
import type { FileTransfer, Finding, Leg } from '../../client-plugin/index.js'
import { exitOf, exits } from '../exit-codes.js'
import type { Trouble } from '../words.js'
import { type Conversation, leaving } from './conversation.js'

/**
 * @param trouble why there is no connection, where that is known
 * @returns the exit code: that of the first leg that fails
 */
export async function doctor(
  files: FileTransfer,
  trouble: Trouble | undefined,
  conversation: Conversation,
): Promise<number> {
  const { report } = conversation
  const { signal, stop } = leaving(conversation)
  const plainer = (finding: Finding): Finding =>
    finding.leg === 'account' && finding.verdict === 'fails' && trouble !== undefined
      ? { ...finding, says: trouble.says, todo: trouble.todo }
      : finding
  try {
    const findings = await files.diagnose({
      signal,
      onFinding: (finding) => report({ report: 'finding', ...plainer(finding) }),
    })
    if (signal.aborted) return exits.interrupted.exit
    const first = findings.find(({ verdict }) => verdict === 'fails')
    report({ report: 'diagnosed', works: first === undefined, says: summary(findings) })
    if (first === undefined) return exits.done.exit
    if (first.leg === 'account' && trouble !== undefined) return exitOf(trouble.code)
    return exits[exitOfLeg[first.leg] ?? 'unreachable'].exit
  } finally {
    stop()
  }
}

const exitOfLeg: Partial<Record<Leg, 'server' | 'component' | 'state'>> = {
  account: 'server',
  component: 'component',
  state: 'state',
}

/** What it means for transfers. */
export function summary(findings: readonly Finding[]): string {
  const find = (leg: Leg) => findings.find((finding) => finding.leg === leg)
  const isWell = (leg: Leg) => find(leg)?.verdict === 'works' || find(leg)?.verdict === 'weak'
  if (!isWell('account') || !isWell('component') || !isWell('state')) {
    return 'No file can be offered or moved until that is put right.'
  }
  if (find('listening')?.facts.path === 'relay') {
    return isWell('proxy') || isWell('turn')
      ? 'Files can be moved through a relay, and by no other way, as was chosen.'
      : 'Only what is left of a file up to 1 MiB can be moved, inside XMPP: relays alone are allowed, and there is none.'
  }
  const outer = find('outer-address')
  const isOpen = outer?.facts.isOwn === true && find('listening')?.verdict === 'works'
  if (find('from-outside')?.verdict === 'works' || find('mapping')?.verdict === 'works' || isOpen) {
    return 'Files can be moved: other devices reach this one directly.'
  }
  if (isWell('proxy') || isWell('turn')) {
    return 'Files can be moved: directly where one of the two devices can be reached, else through a relay.'
  }
  return 'Files can be moved where one of the two devices can be reached from the other; there is no relay for the rest.'
}
