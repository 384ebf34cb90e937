/** Holds the state folder: the session on the server, the plugin over it, and the door for other commands. */
import {
  createClientEntity,
  type FileTransfer,
  FileTransferError,
  fileTransfer,
  findComponent,
  type PathPolicy,
  type XmppEntity,
} from '../../client-plugin/index.js'
import type { Account } from '../account.js'
import { CommandFailed, troubleOf } from '../failure.js'
import type { Settings } from '../settings.js'
import type { Order, Report, Trouble } from '../words.js'
import { Absence } from './absence.js'
import { carryOutWith } from './carry-out.js'
import { connectionTrouble } from './connection-trouble.js'
import type { CarryOut } from './conversation.js'
import { type Door, openDoor } from './door.js'
import { onceConnected, withoutServer } from './once-connected.js'
import { checkPorts } from './ports.js'

export interface Holder {
  carryOut: CarryOut
  /** How many orders of other commands are under way. */
  busy(): number
  /** Resolves when there are none. */
  quiet(): Promise<void>
  /** Stops what moves (it can be resumed), leaves the server, frees the folder. */
  release(): Promise<void>
}

/** The domain of nobody: for orders that only read what is in the folder, no component is needed. */
const nowhere = 'component.invalid'

/** What is shared is looked after from the beginning by those that stay; by all others only where they take longer than this, ms. */
const staying: ReadonlySet<Order['order']> = new Set(['serve', 'share', 'receive', 'watch'])
const briefMs = 5_000

/**
 * @param interrupted resolves when the person wants no more of it: it ends where it stands, however long a server says nothing
 * @throws CommandFailed, FileTransferError (`state-in-use` when another process holds the folder)
 */
export async function hold(
  account: Account,
  settings: Settings,
  order: Order,
  report: (report: Report) => void,
  interrupted: Promise<void>,
): Promise<Holder> {
  const offline = withoutServer.has(order.order)
  const entity = createClientEntity({
    jid: account.jid,
    password: account.password,
    ...(account.service ? { service: account.service } : {}),
    ...(settings.allowPlain ? { allowPlain: true } : {}),
  })
  // Why it is away shows in the plugin's own events; without a listener an emitter throws.
  entity.on('error', () => {})
  // Who looks for what is wrong goes on where something is.
  const bears = order.order === 'doctor'
  let trouble: Trouble | undefined
  const bear = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (!bears) return work()
    return work().catch((error) => {
      trouble ??= troubleOf(error)
      return undefined
    })
  }
  let files: FileTransfer | undefined
  let door: Door | undefined
  let notBrief: NodeJS.Timeout | undefined
  let absence: Absence | undefined
  const release = async () => {
    clearTimeout(notBrief)
    absence?.end()
    // An order that comes now would be carried out by nobody: who gives it takes the folder over when it is free.
    door?.shut()
    await files?.stop().catch(() => {})
    await entity.stop().catch(() => {})
    await door?.close()
  }
  try {
    if (!offline && !bears) await checkPorts(settings.listen)
    const discovered =
      account.component ??
      (offline
        ? nowhere
        : await unless(
            interrupted,
            bear(() => discover(entity, account)),
          ))
    const component = discovered ?? nowhere
    files = fileTransfer(entity, {
      component,
      state: account.state,
      lookAfterShares: staying.has(order.order),
      ...(settings.allowLoopback ? { allowLoopback: true } : {}),
      ...(settings.listen === undefined ? {} : { listen: settings.listen }),
      ...(settings.linkDeadlineMs === undefined ? {} : { linkDeadlineMs: settings.linkDeadlineMs }),
      ...(settings.sockets === undefined ? {} : { sockets: settings.sockets }),
      ...(settings.sides ? { sides: settings.sides } : {}),
      ...pathOf(order, settings),
      ...(settings.trust ? { trust: settings.trust } : {}),
      ...(settings.giveUpAfter === undefined ? {} : { giveUpAfter: settings.giveUpAfter }),
    })
    const carryOut = carryOutWith(files, () => trouble ?? absence?.trouble)
    if (!offline) {
      const held = files
      const connecting = async () => {
        await connect(entity, account)
        await ready(held)
        report({ report: 'connected', jid: account.jid, component })
        absence = new Absence({ entity, files: held }, account, report)
      }
      const connected = connecting()
      // It is looked at below, when the door is open.
      connected.catch(() => {})
      door = await openDoor(account.state, onceConnected(carryOut, connected))
      await unless(
        interrupted,
        bear(() => connected),
      )
      if (!staying.has(order.order)) notBrief = setTimeout(() => held.shares.lookAfter(), briefMs)
    }
    return { carryOut, busy: () => door?.busy() ?? 0, quiet: async () => door?.quiet(), release }
  } catch (error) {
    await release()
    throw error
  }
}

/** @throws CommandFailed `interrupted`, where that comes first */
function unless<T>(interrupted: Promise<void>, work: Promise<T>): Promise<T> {
  const ended = interrupted.then(() => {
    throw new CommandFailed('interrupted', 'Interrupted before it was connected.', 'Nothing was begun.')
  })
  return Promise.race([work, ended])
}

/** A process that stays takes its word for all that it does; where a command has one for itself, that goes before. */
function pathOf(order: Order, settings: Settings): { path?: PathPolicy } {
  const stays = order.order === 'serve' || order.order === 'receive' ? order.path : undefined
  const path = stays ?? settings.path
  return path === undefined ? {} : { path }
}

/** Goes online unless we are. @param addressBy how the person says where the server is @throws CommandFailed */
export async function connect(
  entity: XmppEntity,
  account: Pick<Account, 'jid' | 'service'>,
  addressBy?: string,
): Promise<void> {
  if (entity.status === 'online') return
  try {
    await entity.start()
  } catch (error) {
    throw connectionTrouble(error, account, addressBy)
  }
}

async function discover(entity: XmppEntity, account: Account): Promise<string> {
  await connect(entity, account)
  const component = await findComponent(entity).catch(() => undefined)
  if (component !== undefined) return component
  throw new FileTransferError('component-unknown', `none is among what ${account.jid.split('@')[1]} offers`)
}

/** Waits for the login at the component: it rejects where waiting is useless, and says so when it is away. */
async function ready(files: FileTransfer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // A component that is away comes back; but a person who has just typed a command wants to know now.
    files.once('away', (why) => {
      if (!files.isReady) reject(why)
    })
    files.ready.then(resolve, reject)
  })
}
