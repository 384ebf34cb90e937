/**
 * What is said of many files that are got one after the other: of each its end, and how it moves where that takes a while. Where nothing
 * was said for long, what each waits for.
 */
import type { Report } from '../words.js'
import type { Conversation } from './conversation.js'

/** How long a small file may take before its progress is worth a line, ms. */
const quietMs = 1_000
/** How long it may be silent, ms. */
const usualSilenceMs = 5_000

type Passing = Extract<Report, { report: 'state' | 'progress' }>

export class WhatMatters {
  readonly #since = new Map<number, number>()
  /** What was not said, the last of each. */
  readonly #held = new Map<number, Passing>()
  #timer: NodeJS.Timeout | undefined

  /** @param fetched told of each file that has come, how many bytes were moved for it */
  constructor(
    readonly conversation: Pick<Conversation, 'report'>,
    readonly fetched: (bytes: number) => void,
    readonly silenceMs = usualSilenceMs,
  ) {}

  // Handed on without its object.
  report = (what: Report): void => {
    if (what.report === 'state' || what.report === 'progress') {
      this.#held.delete(what.no)
      if (this.#isUsual(what)) {
        if (what.report === 'state') this.#held.set(what.no, what)
        this.#timer ??= setTimeout(() => this.#sayHeld(), this.silenceMs).unref()
        return
      }
    }
    if (what.report === 'finished' || what.report === 'failed') {
      this.#since.delete(what.no)
      this.#held.delete(what.no)
    }
    if (what.report === 'finished') this.fetched(what.bytesMoved)
    this.#say(what)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#held.clear()
  }

  /** Whether a file that comes at once does the same. */
  #isUsual(what: Passing): boolean {
    const began = this.#since.get(what.no) ?? performance.now()
    this.#since.set(what.no, began)
    if (performance.now() - began >= quietMs) return false
    return what.report === 'progress' || what.state === 'proposed' || what.state === 'queued'
  }

  #say(what: Report): void {
    this.#timer?.refresh()
    this.conversation.report(what)
  }

  #sayHeld(): void {
    this.#timer = undefined
    for (const what of this.#held.values()) this.conversation.report(what)
    this.#held.clear()
  }
}
