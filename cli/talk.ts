/** This command's side of the conversation: reports go to the screen, answers and interrupts become remarks. */
import type { Conversation } from './holder/conversation.js'
import { LastList } from './last-list.js'
import { deviceQuestion } from './screen/device-sentences.js'
import type { Answer, Screen } from './screen/screen.js'
import { counterQuestion, offerQuestion, pageQuestion } from './screen/sentences.js'
import { Silence } from './silence.js'
import type { Order, Remark, Report } from './words.js'

/** Orders that are over in a moment: how they came to their answer is nobody's interest. */
const questions: ReadonlySet<Order['order']> = new Set([
  'search',
  'sources',
  'peers',
  'browse',
  'tags',
  'shares',
  'unshare',
  'watches',
  'unwatch',
  'devices',
  'trust',
  'forget-device',
  'doctor',
  'path',
])
/** Said when such an order begins, at each time that it does. */
const beginnings: ReadonlySet<Report['report']> = new Set(['watching', 'listening'])
const ofTheWay: ReadonlySet<Report['report']> = new Set(['connected', 'relayed'])

/** What the holder tells, shown; what the person says, told. */
export class Talk implements Conversation {
  readonly screen: Screen
  readonly gone: AbortSignal
  readonly untilInterrupted: Promise<void>
  readonly silence: Silence
  readonly lastList = new LastList()
  #listeners = new Set<(remark: Remark) => void>()
  #interrupt: AbortSignal
  #questions: Promise<unknown> = Promise.resolve()
  #welcome = new Set<string>()
  /** What ends the question about an offer that is none any more, by its sid. */
  readonly #over = new Map<string, AbortController>()
  /** Devices about which a question is open. */
  #asking = new Set<string>()

  readonly #isQuestion: boolean
  /** What was said last of what it waits for. */
  #beginning: string | undefined

  constructor(order: Order, screen: Screen, interrupt: AbortSignal) {
    this.#isQuestion = questions.has(order.order)
    this.screen = screen
    this.#interrupt = interrupt
    this.silence = new Silence((text) => screen.note(text), order.order)
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
    // Ctrl-C may have come before there was anybody to hear it; nothing else would ever end him.
    if (this.interrupted) queueMicrotask(() => this.#listeners.has(listener) && listener({ remark: 'pause' }))
    return () => this.#listeners.delete(listener)
  }

  report = (report: Report): void => {
    if (this.screen.isForPrograms || (!this.#isHidden(report) && !this.#isAgain(report)))
      this.screen.show(report)
    this.silence.hear(report)
    this.lastList.hear(report)
    if (report.report === 'offer-gone') this.#over.get(report.sid)?.abort()
    if (report.report === 'offer' && report.asked) {
      this.#ask(report.sid, offerQuestion(report), report.peer)
    } else if (report.report === 'counter' && report.asked) {
      this.#ask(report.key, counterQuestion(report))
    } else if (report.report === 'unknown-device' && report.asked) {
      this.#askAbout(report)
    } else if (report.report === 'page' && report.asked) {
      this.#askForMore(pageQuestion(report))
    }
  }

  #isHidden(report: Report): boolean {
    return this.#isQuestion && ofTheWay.has(report.report)
  }

  /** Whether it says once more what this command waits for: it was begun anew, through another process or by itself. */
  #isAgain(report: Report): boolean {
    if (!beginnings.has(report.report)) return false
    const text = JSON.stringify(report)
    const isAgain = text === this.#beginning
    this.#beginning = text
    return isAgain
  }

  /** What is shown here goes nowhere that could be full. */
  caughtUp = async (): Promise<void> => {}

  /**
   * One question at a time. `later` says nothing: the offer stays open.
   * @param offerer who offers, where it is an offer
   */
  #ask(to: string, question: string, offerer?: string): void {
    const over = new AbortController()
    this.#over.set(to, over)
    const signal = AbortSignal.any([this.#interrupt, over.signal])
    this.#questions = this.#questions.then(async () => {
      const answer = signal.aborted ? 'later' : await this.#answer(question, offerer, signal)
      this.#over.delete(to)
      if (answer === 'later') return
      if (answer === 'no') this.screen.note(offerer === undefined ? 'not taken' : 'declined')
      const always = answer === 'always'
      if (always) this.#welcome.add(offerer!)
      this.#remark({ remark: 'answer', to, accept: answer !== 'no', ...(always ? { always } : {}) })
    })
  }

  /** One question for all transfers that wait for the same device. Where nobody can be asked, the answer is `later`. */
  #askAbout(report: Extract<Report, { report: 'unknown-device' }>): void {
    const { device } = report
    if (this.#asking.has(device)) return
    this.#asking.add(device)
    this.#questions = this.#questions.then(async () => {
      const answers: Answer[] = ['yes', 'no', 'later']
      const given = this.interrupted
        ? 'later'
        : ((await this.screen.ask?.(deviceQuestion(report), answers, this.#interrupt)) ?? 'later')
      this.#asking.delete(device)
      const answer = given === 'yes' || given === 'no' ? given : 'later'
      this.#remark({ remark: 'device', device, answer })
    })
  }

  #askForMore(question: string): void {
    this.#questions = this.#questions.then(async () => {
      const answer = (await this.screen.ask?.(question, ['more', 'quit'], this.#interrupt)) ?? 'quit'
      this.#remark({ remark: 'answer', to: 'page', accept: answer === 'more' })
    })
  }

  async #answer(question: string, offerer: string | undefined, signal: AbortSignal): Promise<Answer> {
    // Asked before the person said `always` to an earlier offer of the same peer.
    if (offerer !== undefined && this.#welcome.has(offerer)) return 'yes'
    const answers: Answer[] = offerer === undefined ? ['yes', 'no'] : ['yes', 'no', 'always', 'later']
    return (await this.screen.ask?.(question, answers, signal)) ?? 'later'
  }

  #remark(remark: Remark): void {
    for (const listener of [...this.#listeners]) listener(remark)
  }
}
