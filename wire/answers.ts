/**
 * The handlers of IQs, and how many of them run.
 *
 * Rules (P15, P16): one answer each, whatever the handler does (throw, reject, never end: case 53); so many run at once, so many wait, the rest is told
 * to come back, and so is who has waited for half of the deadline (case 45); the deadline counts from the arrival. A process that was halted meanwhile, or that did something else for long, looks
 * first what its handlers have done: what is recorded is answered so.
 */
import { field, Malformed, retry, unsupportedVersion } from '../schemas/index.js'
import type { Element } from '../schemas/xml.js'
import type { Desk } from './desk.js'
import { Refused } from './errors.js'
import { newId } from './ids.js'

/** Who asked, under which id, and as whom we answer. `from` is stamped by the server. */
export interface AnswerContext {
  from: string
  id: string
  to: string
}

// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is as good as one that returns undefined
export type Outcome = Element | void
/** What to do with one IQ: the payload of the result, or nothing, or an error thrown. */
export type Handle = (payload: Element, context: AnswerContext) => Promise<Outcome> | Outcome

/** Which of those IQs are meant, on a client: the others go to the program's own handlers, as if we were not here. */
export type Takes = (payload: Element, from: string) => boolean

interface Handler {
  handle: Handle
  takes: Takes | undefined
}

interface Job {
  /** When it came, on the machine's own clock. */
  since: number
  handler: Handler
  payload: Element
  context: AnswerContext
  answered: boolean
  /** Whether it holds one of the places of those that run. */
  running: boolean
  timer: NodeJS.Timeout | undefined
}

/** A deadline that is told so much later than it was is told by a process that stood still, ms. */
const stoodStillMs = 1_000
/** Whoever had ended by then, and was not heard yet, is heard in that time, ms. */
const graceMs = 5_000

export class Answers {
  readonly #desk: Desk
  /** Namespace → `type name` → handler. */
  readonly #handlers = new Map<string, Map<string, Handler>>()
  readonly #queue: Job[] = []
  #first = 0
  #running = 0

  constructor(desk: Desk) {
    this.#desk = desk
  }

  /** @returns a function that takes the handler away again */
  add(type: 'get' | 'set', ns: string, name: string, handle: Handle, takes?: Takes): () => void {
    let inside = this.#handlers.get(ns)
    if (!inside) {
      inside = new Map()
      this.#handlers.set(ns, inside)
    }
    const key = `${type} ${name}`
    if (inside.has(key)) throw new Error(`two handlers for ${key} of ${ns}`)
    const handler = { handle, takes }
    inside.set(key, handler)
    return () => {
      if (inside.get(key) !== handler) return
      inside.delete(key)
      if (inside.size === 0) this.#handlers.delete(ns)
    }
  }

  find(type: 'get' | 'set', ns: string, name: string): Handler | undefined {
    return this.#handlers.get(ns)?.get(`${type} ${name}`)
  }

  /**
   * What to say to something nobody handles: a namespace of strangers, ours with an action or a version we do not know (cases 16, 17),
   * or a language of others that is spoken here, but not so.
   */
  unknown(ns: string): Refused {
    if (/^jabberfs:[a-z]+:[0-9]+$/.test(ns)) return Refused.by('unknown-action', unsupportedVersion())
    return Refused.by(this.#handlers.has(ns) ? 'unknown-action' : 'unknown-namespace')
  }

  run(handler: Handler, payload: Element, context: AnswerContext): void {
    const { limits } = this.#desk
    const job: Job = {
      handler,
      payload,
      context,
      since: performance.now(),
      answered: false,
      running: false,
      timer: undefined,
    }
    if (this.#running < limits.running) {
      this.#start(job)
    } else if (this.#queue.length - this.#first < limits.queued) {
      this.#arm(job)
      this.#queue.push(job)
    } else {
      this.#shed(job)
    }
  }

  /** Handlers running and jobs waiting, for figures. */
  get load(): { running: number; queued: number } {
    return { running: this.#running, queued: this.#queue.length - this.#first }
  }

  #start(job: Job): void {
    let outcome: Promise<Outcome> | Outcome
    try {
      outcome = job.handler.handle(job.payload, job.context)
    } catch (error) {
      this.#fail(job, error)
      return
    }
    if (typeof (outcome as Promise<unknown> | undefined)?.then !== 'function') {
      this.#succeed(job, outcome as Outcome)
      return
    }
    job.running = true
    this.#running++
    this.#arm(job)
    ;(outcome as Promise<Outcome>).then(
      (payload) => this.#succeed(job, payload),
      (error) => this.#fail(job, error),
    )
  }

  #arm(job: Job): void {
    if (job.timer !== undefined) return
    const { answerMs } = this.#desk.limits
    const due = performance.now() + answerMs
    job.timer = setTimeout(() => {
      const stoodStill = performance.now() - due > stoodStillMs
      if (stoodStill) job.timer = setTimeout(() => this.#late(job), Math.min(answerMs, graceMs))
      else this.#late(job)
    }, answerMs)
  }

  #late(job: Job): void {
    // It found no place in all that time: there was too much to do, and nothing is wrong.
    if (!job.running) {
      this.#shed(job)
      return
    }
    this.#desk.counters.late++
    const id = newId().slice(0, 16)
    this.#desk.log.error({ errorId: id }, 'a handler did not end in time')
    this.#end(job, () => this.#desk.refuse(job.context, internal(id)))
  }

  #shed(job: Job): void {
    this.#desk.counters.shed++
    this.#end(job, () => this.#desk.refuse(job.context, Refused.by('busy', retry({ afterSeconds: 5 }))))
  }

  #succeed(job: Job, payload: Outcome): void {
    this.#end(job, () => this.#desk.reply(job.context, 'result', payload || undefined))
  }

  #fail(job: Job, error: unknown): void {
    let refused: Refused
    if (error instanceof Refused) {
      refused = error
    } else if (error instanceof Malformed) {
      refused = Refused.by(error.refusal, field(error.path))
    } else {
      const id = newId().slice(0, 16)
      this.#desk.log.error({ err: error, errorId: id }, 'a handler failed')
      refused = internal(id)
    }
    this.#end(job, () => this.#desk.refuse(job.context, refused))
  }

  /** Says the answer, once, and gives the place to the next. A handler that comes back after its deadline finds it done. */
  #end(job: Job, say: () => void): void {
    if (job.answered) return
    job.answered = true
    clearTimeout(job.timer)
    say()
    if (!job.running) return
    this.#running--
    while (this.#running < this.#desk.limits.running && this.#first < this.#queue.length) {
      const next = this.#queue[this.#first++] as Job
      if (next.answered) continue
      if (performance.now() - next.since > this.#desk.limits.answerMs / 2) this.#shed(next)
      else this.#start(next)
    }
    if (this.#first > 1024 || this.#first === this.#queue.length) {
      this.#queue.splice(0, this.#first)
      this.#first = 0
    }
  }
}

const internal = (id: string): Refused => {
  const { condition, type } = Refused.by('internal')
  return new Refused(condition, type, undefined, id)
}
