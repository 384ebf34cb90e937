/**
 * The component as a running service: joins store, mediator and stream, and ends them in order.
 *
 * At its end everybody who asks is told to come back (`resource-constraint`/`wait`), what is recorded is answered, what
 * is on its way to devices gets up to ten seconds, and then the stream and the store are closed (case 111).
 */

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { DestinationStream } from 'pino'
import { bareJid, type Element, nsTransfer, xml } from '../schemas/index.js'
import { answer, createComponentEntity, request, whenRoom, type XmppEntity } from '../wire/index.js'
import { hearPresence } from './attendance/heard-presence.js'
import { type ComponentConfig, homeOf, usualCatalogue, usualLimits } from './config/config.js'
import { beCourteous } from './courtesy.js'
import { type Access, type CatalogueService, openCatalogueService, Turns } from './desk/index.js'
import { answerDiscovery } from './discovery.js'
import { Gate } from './limits/gate.js'
import type { ListLink } from './list-link/list-link.js'
import { openListLink } from './list-link/open-list-link.js'
import { makeLog } from './log.js'
import { heardActions, Mediator } from './mediator/mediator.js'
import { administrationOf } from './stock/administration.js'
import { openStock } from './stock/index.js'
import { Batches } from './store/batches.js'
import { version } from './version.js'

export interface RunningComponent {
  /** Resolves when it is online for the first time; it goes on trying until it is stopped. */
  readonly online: Promise<void>
  /** Ends it, within ten seconds and a little. */
  stop(): Promise<void>
  /** Figures for an operator. */
  figures(): ComponentFigures
}

export interface ComponentFigures {
  loggedIn: number
  delivered: number
  inFlight: number
  commits: number
  isWritable: boolean
}

/** What is the usual if it is not said. */
export type StartConfig = Pick<ComponentConfig, 'domain' | 'server' | 'secret' | 'state'> &
  Partial<Omit<ComponentConfig, 'limits' | 'catalogue'>> & {
    limits?: Partial<ComponentConfig['limits']>
    catalogue?: Partial<ComponentConfig['catalogue']>
  }

export interface StartOptions {
  /** UTC in ms. */
  clock?: () => number
  /** One that goes on evenly, in ms; the machine's own if neither is said. Without one nobody sees that the clock was set. */
  steady?: () => number
  /** Where the log goes; standard output if not said. */
  log?: DestinationStream
}

/** How long deliveries on their way are waited for at the end, in ms. */
const longestDrain = 9_000
/** When nobody has asked for this long, nothing is on its way to us, in ms. */
const quietEnough = 150

/**
 * Starts a component. It resolves when its state is open; `online` tells when the stream is.
 * @throws StoreFailed
 */
export async function startComponent(
  config: StartConfig,
  options: StartOptions = {},
): Promise<RunningComponent> {
  const { clock = Date.now, steady = options.clock ? undefined : () => performance.now() } = options
  const limits = { ...usualLimits, ...config.limits }
  const log = makeLog(config.logLevel ?? 'info', options.log)
  let mediator: Mediator | undefined
  const batches = new Batches({
    path: join(config.state, 'component.sqlite'),
    clock,
    ...(steady && { steady }),
    onFault: (err) => log.error({ err }, 'the state cannot be written: answering "later" until it can'),
    onBug: (err) => log.error({ err }, 'what follows a commit failed'),
    onRecovered: () => {
      log.info({}, 'the state can be written again')
      mediator?.storeRecovered()
    },
  })
  const { domain, secret } = config
  const entity = createComponentEntity({ service: config.server, domain, secret, log })
  const home = homeOf(domain)
  const gate = new Gate(limits, clock, home)
  const speaker = speakerOver(entity)
  const catalogueConfig = { ...usualCatalogue(domain), ...config.catalogue }
  const desk = await openCatalogueService({
    path: join(config.state, 'catalogue.sqlite'),
    config: catalogueConfig,
    home,
    speaker,
    gate,
    clock,
    ...(steady && { steady }),
    log,
    block: async (peer, blocked) => mediator?.block(peer, blocked),
  }).catch((error: unknown) => {
    batches.close()
    throw error
  })
  const { attend: onAttend, mayGet } = desk
  mediator = new Mediator({ domain, batches, limits, clock, log, speaker, onAttend, mayGet })
  const { attendance, logins } = mediator
  const sessionOf = (from: string) => attendance.sessionOf(from)
  const listLink = await openListLink({
    domain,
    state: config.state,
    port: config.listPort ?? 0,
    host: config.listHost,
    announce: config.listAnnounce,
    store: desk.catalogue,
    speaker,
    sessionOf,
    sessionOfDevice: (row) => logins.ofDevice(row),
    clock,
    log,
  })
  const { catalogue, access, pace, marks } = desk
  const figures = (): ComponentFigures => ({
    loggedIn: logins.size,
    delivered: mediator.deliveries.delivered,
    inFlight: mediator.deliveries.inFlight,
    commits: batches.commits,
    isWritable: !batches.isFaulty,
  })
  const nodes = openStock(entity, {
    domain,
    catalogue,
    access,
    pace,
    marks,
    gate,
    admins: config.admins ?? [],
    transfers: mediator,
    administration: await administrationOf(catalogue, gate, () => ({ ...figures() })),
  })
  answerDiscovery(entity, { gate, limits, catalogue: catalogueConfig, access, version, clock, nodes })
  listen(entity, { gate, mediator, listLink, access, domain, log })
  beCourteous(entity, { domain, gate })
  desk.answerOn(entity, sessionOf)
  entity.on('disconnect', () => desk.streamDown())
  mediator.start()
  const online = entity.start().then(() => {})
  // Who does not ask is not to be surprised by it.
  online.catch(() => {})
  let stopping: Promise<void> | undefined
  return {
    online,
    stop() {
      stopping ??= stop({ entity, gate, mediator, desk, listLink, batches, log })
      return stopping
    },
    figures,
  }
}

function speakerOver(entity: XmppEntity) {
  return {
    ask: (to: string, type: 'get' | 'set', payload: Element, timeoutMs: number) =>
      request(entity, { to, type, payload, timeoutMs }),
    room: () => whenRoom(entity),
    presence(to: string, { type }: { type?: 'error' }, payload: Element) {
      entity.send(xml('presence', { to, type }, payload)).catch(() => {
        // The stream is down, and who was told is gone with it.
      })
    },
  }
}

interface Listening {
  gate: Gate
  mediator: Mediator
  listLink: ListLink
  access: Access
  domain: string
  log: { error(fields: object, message: string): void }
}

/**
 * Actions of one peer that are recorded at once, and that wait behind them. Together they are half of the handlers that run, so that
 * others find a place, and all have their turn within half a minute also where each commit takes a second (case 45).
 */
const recordedAtOnce = 16
const waitingOfOne = 240

/** Hears what comes in. */
function listen(entity: XmppEntity, parts: Listening): void {
  const { gate, mediator, listLink, access, domain, log } = parts
  const turns = new Turns(recordedAtOnce, waitingOfOne)
  for (const name of heardActions) {
    answer(entity, {
      type: 'set',
      ns: nsTransfer,
      name,
      handle: (payload, { from }) => {
        gate.pass(from)
        // A list for the catalogue is offered to the component itself, by those who may use it.
        const list = access.allows(from) ? listLink.hear(from, payload) : undefined
        // One with many does not fill whole commits: the others' stand between his (P17).
        return list ?? turns.take(bareJid(from) ?? from, () => mediator.hear(from, payload))
      },
    })
  }
  hearPresence(entity, { domain, gate, attendance: mediator.attendance, log })
  entity.on('online', () => mediator.attendance.streamUp())
  entity.on('disconnect', () => mediator.attendance.streamDown())
}

interface Running {
  entity: XmppEntity
  gate: Gate
  mediator: Mediator
  desk: CatalogueService
  listLink: ListLink
  batches: Batches
  log: { info(fields: object, message: string): void }
}

async function stop(running: Running): Promise<void> {
  const { entity, gate, mediator, desk, listLink, batches, log } = running
  gate.close()
  const deadline = performance.now() + longestDrain
  await batches.settled()
  // What is on its way to us on the stream would be lost with it: it is told to come back, until nothing more comes.
  const isBusy = () => mediator.deliveries.inFlight > 0 || gate.quietFor < quietEnough
  const goesOn = () => entity.status === 'online' && performance.now() < deadline
  do {
    while (isBusy() && goesOn()) await pause(20)
    // A server that is slow has more for us than we have heard of: what it sent on before its answer is here with it.
    await heardOf(entity, deadline - performance.now())
  } while (isBusy() && goesOn())
  mediator.stop()
  desk.stop()
  await listLink.close()
  await entity.stop()
  await desk.close()
  batches.close()
  log.info({}, 'stopped')
}

/** Resolves when the server has answered, whatever it says, or its time is over. */
async function heardOf(entity: XmppEntity, timeoutMs: number): Promise<void> {
  const to = entity.jid?.toString()
  if (to === undefined || entity.status !== 'online') return
  // To ourselves, the way that all take who ask us; nothing is done for it, and the refusal is the answer.
  const payload = xml('quiet', { xmlns: nsTransfer })
  await request(entity, { to, type: 'get', payload, timeoutMs: Math.max(1, timeoutMs) }).catch(() => {})
}
