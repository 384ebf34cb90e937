/** What can be set beside the account, from the environment; all faults are told at once. */
import type { FileTransferOptions, PathPolicy } from '../client-plugin/index.js'
import type { Account } from './account.js'
import { CommandFailed } from './failure.js'

export interface Settings {
  allowLoopback: boolean
  /** PLAIN without TLS to this very machine; some old servers know nothing else. */
  allowPlain: boolean
  listen?: FileTransferOptions['listen']
  sides?: 'both' | 'alternate'
  giveUpAfter?: number
  trust?: 'first-use' | 'every'
  path?: PathPolicy
  linkDeadlineMs?: number
  sockets?: number
}

/** @throws CommandFailed `bad-config` */
export function readSettings(
  account: Pick<Account, 'service'>,
  env: NodeJS.ProcessEnv = process.env,
): Settings {
  const faults: string[] = []
  const flag = (name: string): boolean | undefined => {
    const value = env[name]
    if (value === undefined || value === '') return undefined
    if (value === '1' || value === '0') return value === '1'
    faults.push(`${name} must be 1 or 0`)
    return undefined
  }
  // With the server on this very machine, the other device may well be here too.
  const here = /^\w+:\/\/(127\.[\d.]+|localhost|\[::1\])(:|\/|$)/.test(account.service ?? '')
  const settings: Settings = {
    allowLoopback: flag('JABBERFS_ALLOW_LOOPBACK') ?? here,
    allowPlain: flag('JABBERFS_ALLOW_PLAIN') ?? false,
  }
  const listen = env.JABBERFS_LISTEN
  if (listen === '0' || listen === 'no') settings.listen = false
  else if (listen) {
    const ports = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(listen)
    const first = Number(ports?.[1])
    const last = Number(ports?.[2] ?? ports?.[1])
    if (!ports || first < 1 || last > 65_535 || first > last) {
      faults.push('JABBERFS_LISTEN must be a port, a range such as 5300-5310, or no')
    } else settings.listen = { ports: [first, last] }
  }
  const sides = env.JABBERFS_SIDES
  if (sides === 'both' || sides === 'alternate') settings.sides = sides
  else if (sides) faults.push('JABBERFS_SIDES must be both or alternate')
  const trust = env.JABBERFS_TRUST
  if (trust === 'first-use' || trust === 'every') settings.trust = trust
  else if (trust) faults.push('JABBERFS_TRUST must be first-use or every')
  const path = env.JABBERFS_PATH
  if (path === 'any' || path === 'direct' || path === 'relay') settings.path = path
  else if (path) faults.push('JABBERFS_PATH must be any, direct or relay')
  const number = (name: string, most: number): number | undefined => {
    const value = env[name]
    if (!value) return undefined
    if (/^\d{1,6}$/.test(value) && Number(value) >= 1 && Number(value) <= most) return Number(value)
    faults.push(`${name} must be a number from 1 to ${most}`)
    return undefined
  }
  const giveUpAfter = number('JABBERFS_GIVE_UP_AFTER', 1_000)
  if (giveUpAfter !== undefined) settings.giveUpAfter = giveUpAfter
  const linkSeconds = number('JABBERFS_LINK_SECONDS', 60)
  if (linkSeconds !== undefined) settings.linkDeadlineMs = linkSeconds * 1_000
  const sockets = number('JABBERFS_SOCKETS', 4)
  if (sockets !== undefined) settings.sockets = sockets
  if (faults.length > 0) {
    throw new CommandFailed(
      'bad-config',
      `In the environment: ${faults.join('; ')}.`,
      'Correct it, or unset it.',
    )
  }
  return settings
}
