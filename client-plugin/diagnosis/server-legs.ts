/** The legs `account`, `component` and `clock`: whom we talk to, and whether they listen. */

import {
  askDiscoInfo,
  askTime,
  askVersion,
  formOf,
  nsTransfer,
  ping,
  readDiscoInfo,
  readTime,
  readVersion,
} from '../../schemas/index.js'
import { RequestRefused, request } from '../../wire/index.js'
import { type Ground, notConnected, type Said } from './ground.js'

/** A round trip that is longer makes every step of a transfer slow, ms. */
const slowMs = 2_000
/** Clocks that are further apart are wrong, s. */
const farS = 60

/** The stream to the server. */
export async function account(ground: Ground): Promise<Said> {
  const { entity, server, signal } = ground
  if (server === undefined) {
    const todo = 'Check the network, and that the account’s server runs.'
    return { verdict: 'fails', says: 'There is no connection to the server.', todo }
  }
  const before = performance.now()
  try {
    await request(entity, { to: server, type: 'get', payload: ping(), timeoutMs: 5_000, signal })
  } catch (error) {
    // A server without XEP-0199 says so, and that is an answer too.
    if (!(error instanceof RequestRefused)) {
      const todo = 'Wait: if the connection has broken, it is made again by itself.'
      return { verdict: 'fails', says: `${server} does not answer.`, todo }
    }
  }
  const ms = Math.round(performance.now() - before)
  const facts = { jid: String(entity.jid), roundTripMs: ms, server: await ground.software }
  const says = `Connected as ${entity.jid?.bare()}; ${server} answers in ${ms} ms.`
  return { verdict: ms > slowMs ? 'weak' : 'works', says, facts }
}

/** The component: there, of our language, and we are logged in. */
export async function component(ground: Ground): Promise<Said> {
  const { server, settings, options } = ground
  if (server === undefined) return notConnected
  const { component: jid } = settings
  if (jid.endsWith('.invalid')) {
    return {
      verdict: 'fails',
      says: `None of what ${server} offers is a file transfer component.`,
      todo: 'Ask the operator to add one (docs/operating.md), or name one of another server (JABBERFS_COMPONENT).',
    }
  }
  const before = performance.now()
  let info: ReturnType<typeof readDiscoInfo>
  try {
    info = readDiscoInfo(await ground.ask(jid, askDiscoInfo()))
  } catch (error) {
    const condition = error instanceof RequestRefused ? error.condition : ''
    if (condition === 'forbidden') {
      const todo = 'Ask its operator, who keeps this account, or its server, out.'
      return { verdict: 'fails', says: `The component ${jid} does not let this account in.`, todo }
    }
    const isUnknown = /not-found|service-unavailable/.test(condition)
    const why = isUnknown ? 'is not connected to the server, or unknown there' : 'does not answer'
    const todo =
      'Check its name, that it runs, and that the server has its secret: see its log and docs/operating.md.'
    return { verdict: 'fails', says: `The component ${jid} ${why}.`, todo }
  }
  const ms = Math.round(performance.now() - before)
  if (!info.features.includes(nsTransfer)) {
    const todo = 'Name the right one (JABBERFS_COMPONENT).'
    return { verdict: 'fails', says: `${jid} is something else than a file transfer component.`, todo }
  }
  const version = await ground
    .ask(jid, askVersion())
    .then(readVersion)
    .catch(() => undefined)
  const form = formOf(info, nsTransfer) ?? {}
  const limits = Object.entries(form).flatMap(([name, [value]]) =>
    /^\d{1,16}$/.test(value ?? '') ? [[name, Number(value)]] : [],
  )
  const facts = { jid, roundTripMs: ms, version: version?.version ?? '', ...Object.fromEntries(limits) }
  if (!options.isIn()) {
    const todo = 'Look into the component’s log: it may be restarting, or this account may not use it.'
    return { verdict: 'fails', says: `${jid} answers, and has not taken our login.`, todo, facts }
  }
  const known = version === undefined ? '' : `, version ${version.version}`
  return {
    verdict: ms > slowMs ? 'weak' : 'works',
    says: `Logged in at ${jid}${known}; it answers in ${ms} ms.`,
    facts,
  }
}

/** Our clock beside the component’s, which says whole seconds (XEP-0202). */
export async function clock(ground: Ground): Promise<Said> {
  const { server, settings } = ground
  if (server === undefined) return notConnected
  const before = Date.now()
  // The component’s, since expiries are by that; the server’s where there is none.
  const answer = await ground
    .ask(settings.component, askTime())
    .catch(() => ground.ask(server, askTime()))
    .catch(() => undefined)
  if (answer === undefined)
    return { verdict: 'skipped', says: 'Neither the component nor the server says what time it has.' }
  const off = Math.round((Date.now() + before) / 2_000 - readTime(answer).getTime() / 1_000)
  const facts = { secondsAhead: off }
  if (Math.abs(off) <= farS) {
    return { verdict: 'works', says: 'This clock agrees with the other side’s to within a minute.', facts }
  }
  const minutes = Math.round(Math.abs(off) / 60)
  const says = `This clock is ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ${off > 0 ? 'ahead of' : 'behind'} the other side’s.`
  const todo = 'Set the one that is wrong (`timedatectl set-ntp true`): credentials of relays depend on it.'
  return { verdict: 'weak', says, todo, facts }
}
