/**
 * One order from one command: given to the process that holds the state folder, or carried out here as the
 * holder. Ctrl-C pauses what moves and says how to go on; a second one ends at once.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { FileTransferError } from '../client-plugin/errors.js'
import { type Account, readAccount } from './account.js'
import { exits } from './exit-codes.js'
import { CommandFailed, troubleOf } from './failure.js'
import { greet, relay } from './holder/relay.js'
import type { Screen } from './screen/screen.js'
import { readSettings, type Settings } from './settings.js'
import { Talk } from './talk.js'
import type { Order, Trouble } from './words.js'

/** How long another process may take between holding the folder and opening its door, or the reverse. */
const patienceMs = 2_500

/** A daemon outlives a server that is not there yet; between two tries it waits longer and longer. */
const passing: ReadonlySet<Trouble['code']> = new Set([
  'server-unreachable',
  'connection-refused',
  'component-unknown',
  'component-away',
  'too-many-devices',
])
const firstWaitMs = 1_000
const longestWaitMs = 30_000

/** Orders that go on elsewhere when the process that they went through ends. */
const lasting: ReadonlySet<Order['order']> = new Set(['receive', 'share', 'watch'])

/** @returns the exit code. @throws CommandFailed, FileTransferError */
export async function perform(order: Order, screen: Screen): Promise<number> {
  const account = readAccount()
  const settings = readSettings(account)
  const interrupts = listenForInterrupts()
  const talk = new Talk(order, screen, interrupts.signal)
  try {
    const exit =
      order.order === 'serve' ? serve(order, account, settings, talk) : give(order, account, settings, talk)
    return await exit
  } finally {
    if (order.order === 'search' || order.order === 'browse') {
      talk.lastList.keep(account.state, order.order === 'search')
    }
    talk.silence.stop()
    interrupts.stop()
  }
}

async function give(order: Order, account: Account, settings: Settings, talk: Talk): Promise<number> {
  let deadline = Date.now() + patienceMs
  let isLate = false
  for (;;) {
    const relayed = await relay(account.state, order, talk)
    if (relayed === 'holder-ended' || relayed === 'not-begun') {
      if (talk.interrupted) return exits.interrupted.exit
      if (relayed === 'not-begun' || lasting.has(order.order)) {
        // Another one that went on through it may be the next holder.
        deadline = Date.now() + patienceMs
        isLate = false
        continue
      }
      throw new CommandFailed(
        'holder-ended',
        'The jabberfs that did the work has ended.',
        'See `jabberfs transfers`; `jabberfs resume` goes on.',
      )
    }
    if (relayed !== 'nobody')
      return talk.interrupted && relayed.exit !== 0 ? exits.interrupted.exit : relayed.exit
    if (isLate) throw new FileTransferError('state-in-use', account.state)
    const exit = await holdAndPerform(order, account, settings, talk)
    if (exit !== 'in-use') return exit
    // On a busy machine that took long itself: whoever holds the folder may have opened its door meanwhile.
    isLate = Date.now() > deadline
    await wait(100)
  }
}

/**
 * A daemon is the holder itself, or nothing; and it waits for a server that comes later than it. Nobody may be there any more by then who
 * could start it again: so it waits for another holder, too.
 */
async function serve(order: Order, account: Account, settings: Settings, talk: Talk): Promise<number> {
  const deadline = Date.now() + patienceMs
  const interrupted = new AbortController()
  void talk.untilInterrupted.then(() => interrupted.abort())
  const pause = (ms: number) => wait(ms, undefined, { signal: interrupted.signal }).catch(() => {})
  let hasWaited = false
  let seen: number | undefined
  let told: number | undefined
  let pauseMs = firstWaitMs
  while (!talk.interrupted) {
    const pid = await greet(account.state)
    try {
      const exit = pid === undefined ? await holdAndPerform(order, account, settings, talk) : 'in-use'
      if (exit !== 'in-use') return exit
    } catch (error) {
      const trouble = troubleOf(error)
      if (talk.interrupted) break
      if (!passing.has(trouble.code)) throw error
      if (pauseMs === firstWaitMs) talk.report({ report: 'away', ...trouble })
      await pause(pauseMs)
      pauseMs = Math.min(longestWaitMs, pauseMs * 2)
      hasWaited = true
      continue
    }
    // A short command may just be about to end.
    if (!hasWaited && Date.now() > deadline) {
      throw new CommandFailed(
        'state-in-use',
        `A jabberfs runs already for ${account.jid}${pid === undefined ? '' : ` (process ${pid})`}.`,
        'It looks after the shared folders as long as it runs; end it, and start `jabberfs serve` again.',
      )
    }
    if (hasWaited && pid !== undefined && pid === seen && pid !== told) {
      talk.report({ report: 'held-by-another', pid })
      told = pid
    }
    seen = pid
    await pause(hasWaited ? firstWaitMs : 100)
  }
  return exits.done.exit
}

async function holdAndPerform(
  order: Order,
  account: Account,
  settings: Settings,
  talk: Talk,
): Promise<number | 'in-use'> {
  const { hold } = await import('./holder/hold.js')
  const holder = await hold(account, settings, order, talk.report, talk.untilInterrupted).catch((error) => {
    if (error instanceof FileTransferError && error.code === 'state-in-use') return undefined
    throw error
  })
  if (holder === undefined) return 'in-use'
  let released: Promise<void> | undefined
  const release = () => {
    released ??= holder.release()
    return released
  }
  talk.onInterrupt(release)
  try {
    const exit = await holder.carryOut(order, talk)
    if (holder.busy() > 0 && !talk.interrupted) {
      talk.screen.note(
        'done; stays for the other jabberfs commands that go through this one (Ctrl-C ends them)',
      )
      await Promise.race([holder.quiet(), talk.untilInterrupted])
    }
    return talk.interrupted && exit !== exits.done.exit ? exits.interrupted.exit : exit
  } finally {
    await release()
  }
}

function listenForInterrupts(): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exits.interrupted.exit)
    controller.abort()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  return {
    signal: controller.signal,
    stop: () => {
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}
