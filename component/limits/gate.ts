/** Who may ask now: everything that comes from users passes here first. */

import { retry, stampedJid } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import { Buckets, type Rate } from './buckets.js'

/** For the person, in whatever program: nothing else tells him what is wrong with him. */
const youngerName =
  'The name of this account has letters that are younger than Unicode 3.2. They cannot be told from others here: use another account.'

export interface GateLimits {
  perJid: Rate
  /** For all users of one server together; our own server's are not counted. */
  perDomain: Rate
}

export class Gate {
  readonly #jids: Buckets
  readonly #domains: Buckets
  /** Bare JIDs and domains that the operator keeps out. */
  readonly keptOut = new Set<string>()
  #closed = false
  #lastAsked = Number.NEGATIVE_INFINITY

  constructor(
    limits: GateLimits,
    private readonly clock: () => number,
    /** The server that we are a part of: what it lets its users do is its own affair. */
    private readonly home: string,
  ) {
    this.#jids = new Buckets(limits.perJid)
    this.#domains = new Buckets(limits.perDomain, 10_000)
  }

  /** How long nobody has asked anything, in ms of the machine's own clock. */
  get quietFor(): number {
    return performance.now() - this.#lastAsked
  }

  /** From now on everybody is told to come back later. */
  close(): void {
    this.#closed = true
  }

  /** @throws Refused when `from` asks too often or is kept out, or we are stopping */
  pass(from: string): void {
    this.#lastAsked = performance.now()
    if (this.#closed) throw Refused.by('busy', retry({ afterSeconds: 5 }))
    // A name that only we would fold is another's to his server: he does not speak as that one (P21).
    const jid = stampedJid(from)
    if (jid === undefined) throw new Refused('jid-malformed', 'modify', undefined, youngerName)
    if (this.keptOut.has(jid.bare) || this.keptOut.has(jid.domain)) throw Refused.by('forbidden')
    const now = this.clock()
    const wait =
      this.#jids.take(jid.bare, now) || (jid.domain === this.home ? 0 : this.#domains.take(jid.domain, now))
    if (wait > 0) throw Refused.by('too-often', retry({ afterSeconds: Math.ceil(wait) }))
  }
}
