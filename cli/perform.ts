/**
 * One order from one command: given to the process that holds the state folder, or carried out here as the
 * holder. Ctrl-C pauses what moves and says how to go on; a second one ends at once.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { FileTransferError } from '../client-plugin/index.js'
import { type Account, readAccount } from './account.js'
import { exits } from './exit-codes.js'
import { CommandFailed } from './failure.js'
import type { Conversation } from './holder/conversation.js'
import { hold } from './holder/hold.js'
import { relay } from './holder/relay.js'
import type { Answer, Screen } from './screen/screen.js'
import { counterQuestion, offerQuestion } from './screen/sentences.js'
import { readSettings, type Settings } from './settings.js'
import { Silence } from './silence.js'
import type { Order, Remark, Report } from './words.js'

/** How long another process may take between holding the folder and opening its door, or the reverse. */
const patienceMs = 2_500

/** @returns the exit code. @throws CommandFailed, FileTransferError */
export async function perform(order: Order, screen: Screen): Promise<number> {
  const account = readAccount()
  const settings = readSettings(account)
  const interrupts = listenForInterrupts()
  const talk = new Talk(screen, interrupts.signal)
  try {
    const deadline = Date.now() + patienceMs
    for (;;) {
      const relayed = await relay(account.state, order, talk)
      if (relayed === 'holder-ended') {
        if (talk.interrupted) return exits.interrupted.exit
        if (order.order === 'receive') continue
        throw new CommandFailed(
          'holder-ended',
          'The jabberfs that did the work has ended.',
          'See `jabberfs transfers`; `jabberfs resume` goes on.',
        )
      }
      if (relayed !== 'nobody')
        return talk.interrupted && relayed.exit !== 0 ? exits.interrupted.exit : relayed.exit
      const exit = await holdAndPerform(order, account, settings, talk)
      if (exit !== 'in-use') return exit
      if (Date.now() > deadline) throw new FileTransferError('state-in-use', account.state)
      await wait(100)
    }
  } finally {
    talk.silence.stop()
    interrupts.stop()
  }
}

async function holdAndPerform(
  order: Order,
  account: Account,
  settings: Settings,
  talk: Talk,
): Promise<number | 'in-use'> {
  const holder = await hold(account, settings, order, talk.report).catch((error) => {
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

/** This command's side of the conversation: reports go to the screen, answers and interrupts become remarks. */
class Talk implements Conversation {
  readonly screen: Screen
  readonly gone: AbortSignal
  readonly untilInterrupted: Promise<void>
  readonly silence: Silence
  #listeners = new Set<(remark: Remark) => void>()
  #interrupt: AbortSignal
  #questions: Promise<unknown> = Promise.resolve()
  #welcome = new Set<string>()

  constructor(screen: Screen, interrupt: AbortSignal) {
    this.screen = screen
    this.#interrupt = interrupt
    this.silence = new Silence((text) => screen.note(text))
    this.gone = new AbortController().signal
    this.untilInterrupted = new Promise((resolve) => {
      interrupt.addEventListener('abort', () => resolve(), { once: true })
    })
    this.onInterrupt(() => this.#remark({ remark: 'pause' }))
  }

  get interrupted(): boolean {
    return this.#interrupt.aborted
  }

  onInterrupt(act: () => void): void {
    if (this.interrupted) act()
    else this.#interrupt.addEventListener('abort', act, { once: true })
  }

  // Handed on without its object, like report.
  onRemark = (listener: (remark: Remark) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  report = (report: Report): void => {
    this.screen.show(report)
    this.silence.hear(report)
    if (report.report === 'offer' && report.asked) {
      this.#ask(report.sid, offerQuestion(report), report.peer)
    } else if (report.report === 'counter' && report.asked) {
      this.#ask(report.key, counterQuestion(report))
    }
  }

  /**
   * One question at a time. `later` says nothing: the offer stays open.
   * @param offerer who offers, where it is an offer
   */
  #ask(to: string, question: string, offerer?: string): void {
    this.#questions = this.#questions.then(async () => {
      if (this.interrupted) return
      const answer = await this.#answer(question, offerer)
      if (answer === 'later') return
      if (answer === 'no') this.screen.note(offerer === undefined ? 'not taken' : 'declined')
      const always = answer === 'always'
      if (always) this.#welcome.add(offerer!)
      this.#remark({ remark: 'answer', to, accept: answer !== 'no', ...(always ? { always } : {}) })
    })
  }

  async #answer(question: string, offerer: string | undefined): Promise<Answer> {
    // Asked before the person said `always` to an earlier offer of the same peer.
    if (offerer !== undefined && this.#welcome.has(offerer)) return 'yes'
    const answers: Answer[] = offerer === undefined ? ['yes', 'no'] : ['yes', 'no', 'always', 'later']
    return (await this.screen.ask?.(question, answers, this.#interrupt)) ?? 'later'
  }

  #remark(remark: Remark): void {
    for (const listener of [...this.#listeners]) listener(remark)
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
