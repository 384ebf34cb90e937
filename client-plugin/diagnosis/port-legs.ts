/** The legs `listening`, `mapping` and `from-outside`: one port, opened once, reached from here, by the router, from outside. */

import { networkInterfaces } from 'node:os'
import { dialledFromOutside, TrialFailed, type TriedPort, tryPort } from '../../link/trial/index.js'
import { isPrivate } from '../../protocol/candidates.js'
import { type Ground, legMs, type Said } from './ground.js'
import { isHere, onThisMachine } from './relay-legs.js'

type PortLeg = 'listening' | 'mapping' | 'from-outside'

const off: Said = {
  verdict: 'skipped',
  says: 'Listening is switched off: this device only dials, so the other side has to be reachable, or a relay.',
}

/** Says each of the three once, as it is known. */
export async function ports(ground: Ground, say: (leg: PortLeg, said: Said) => void): Promise<void> {
  const { settings, options } = ground
  const { listen } = settings
  if (listen === false || settings.path === 'relay') {
    const relay: Said = {
      verdict: 'skipped',
      says: 'No port is opened, since only relays are to be used (`path: relay`).',
      facts: { path: 'relay' },
    }
    for (const leg of ['listening', 'mapping', 'from-outside'] as const)
      say(leg, settings.path === 'relay' ? relay : off)
    return
  }
  let isSaid = false
  const others = async (port: number, signal: AbortSignal): Promise<void> => {
    isSaid = true
    const mapped = await options.mapper?.map(port, signal)
    try {
      say('mapping', options.mapper === undefined ? unasked : mappingSaid(mapped))
      say('from-outside', await fromOutside(ground, mapped ?? ownPublic(port)))
    } finally {
      mapped?.release()
    }
  }
  try {
    const tried = await tryPort(listen, settings, { timeoutMs: 2 * legMs, signal: ground.signal }, others)
    say('listening', listeningSaid(tried))
  } catch (error) {
    const why = error instanceof TrialFailed ? error.message : 'failed'
    say('listening', unopened(why))
    if (isSaid) return
    const says = 'Not tried, since no port can be opened.'
    for (const leg of ['mapping', 'from-outside'] as const) say(leg, { verdict: 'skipped', says })
  }
}

function unopened(why: string): Said {
  if (why === 'listen: no address to announce') {
    const says = 'This device has no address that another could dial.'
    return { verdict: 'fails', says, todo: 'Connect it to a network.' }
  }
  const says = `No port can be opened (${why.replace(/^listen:? /, '')}).`
  const todo = 'Name other ports in JABBERFS_LISTEN, or unset it; until then this device only dials.'
  // A range may be in use by transfers that run.
  return { verdict: why === 'listen EADDRINUSE' ? 'weak' : 'fails', says, todo }
}

function listeningSaid({ port, addresses }: TriedPort): Said {
  const reached = addresses.filter((each) => each.reached)
  const facts = { port, addresses: addresses.map(({ ip }) => ip).join(' ') }
  const all = addresses.length
  if (reached.length === all) {
    const where = all === 1 ? 'its address' : `each of its ${all} addresses`
    return { verdict: 'works', says: `A port can be opened, and this device reaches it at ${where}.`, facts }
  }
  const says = `A port can be opened, and this device reaches it at ${reached.length} of its ${all} addresses.`
  const todo = 'Look for a firewall on this machine: it has to let TCP connections in.'
  return { verdict: reached.length === 0 ? 'fails' : 'weak', says, todo, facts }
}

const unasked: Said = {
  verdict: 'skipped',
  says: 'The router is not asked: mapping is switched off, or the server is on this very machine.',
}

function mappingSaid(mapped: { ip: string; port: number } | undefined): Said {
  if (mapped === undefined) {
    if (ownPublic(1) !== undefined)
      return { verdict: 'absent', says: 'No router maps ports, and none has to.' }
    return {
      verdict: 'absent',
      says: 'No router maps a port to this device (asked by PCP, NAT-PMP and UPnP).',
      todo: 'Switch UPnP or NAT-PMP on in the router, or forward a port there and name it in JABBERFS_LISTEN.',
    }
  }
  const facts = { ip: mapped.ip, port: mapped.port }
  if (isPrivate(mapped.ip)) {
    const says = 'The router maps a port, and is itself behind another router.'
    return { verdict: 'weak', says, todo: 'Have the other one map ports too, or use a relay.', facts }
  }
  return { verdict: 'works', says: 'The router maps a port to this device, and takes it back.', facts }
}

/** An address of this machine that is nobody’s private one. */
function ownPublic(port: number): { ip: string; port: number } | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const found = all.find(
    ({ address, family, internal }) => family === 'IPv4' && !internal && !isPrivate(address),
  )
  return found && !found.address.startsWith('169.254.') ? { ip: found.address, port } : undefined
}

/** Nobody but a TURN server dials from outside at our word. */
async function fromOutside(ground: Ground, own: { ip: string; port: number } | undefined): Promise<Said> {
  if (own === undefined) {
    return {
      verdict: 'absent',
      says: 'Nobody outside this network reaches this device by dialling it alone.',
    }
  }
  const [turn] = (await ground.services)?.turn ?? []
  if (turn === undefined || turn.ips.length === 0) {
    return { verdict: 'skipped', says: 'Not tried: only a TURN server could dial this device from outside.' }
  }
  const { ips, port, username, password } = turn
  if (isHere(ips[0]!)) return onThisMachine('TURN')
  const server = { ip: ips[0]!, port, username, password }
  try {
    await dialledFromOutside(server, own, { timeoutMs: legMs, signal: ground.signal })
    return {
      verdict: 'works',
      says: 'This device is reached from outside.',
      facts: { ip: own.ip, port: own.port },
    }
  } catch (error) {
    const why = error instanceof TrialFailed ? error.message : 'failed'
    const says = `The TURN server could not reach this device (${why}).`
    const todo =
      'Look for a firewall between this device and the world; or the TURN server may not dial everywhere.'
    return { verdict: 'weak', says, todo, facts: { ip: own.ip, port: own.port } }
  }
}
