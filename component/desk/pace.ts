/**
 * How often somebody may ask the catalogue, and change what is in it (cases 43 and 44, P17). Each has a measure of its own: a
 * search costs more than an offer, and a publication holds a hundred entries.
 */

import { parseJid, type QuestionName, questions, retry } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import { Buckets, type Rate } from '../limits/buckets.js'

export interface PaceLimits {
  /** Questions of one peer, and of all peers of another server together. */
  asking: Rate
  askingPerDomain: Rate
  /** Changes of one peer (publications above all), and of all peers of another server together. */
  changing: Rate
  changingPerDomain: Rate
}

export class Pace {
  readonly #asking: { jids: Buckets; domains: Buckets }
  readonly #changing: { jids: Buckets; domains: Buckets }

  constructor(
    { asking, askingPerDomain, changing, changingPerDomain }: PaceLimits,
    private readonly clock: () => number,
    /** The server that we are a part of: what it lets its users do is its own affair. */
    private readonly home: string,
  ) {
    this.#asking = { jids: new Buckets(asking), domains: new Buckets(askingPerDomain, 10_000) }
    this.#changing = { jids: new Buckets(changing), domains: new Buckets(changingPerDomain, 10_000) }
  }

  /** @throws Refused when it is too often */
  pass(from: string, question: QuestionName): void {
    const jid = parseJid(from)
    if (jid === undefined) throw Refused.by('jid-malformed')
    const { jids, domains } = questions[question].type === 'get' ? this.#asking : this.#changing
    const now = this.clock()
    const wait = jids.take(jid.bare, now) || (jid.domain === this.home ? 0 : domains.take(jid.domain, now))
    if (wait > 0) throw Refused.by('too-often', retry({ afterSeconds: Math.ceil(wait) }))
  }
}
