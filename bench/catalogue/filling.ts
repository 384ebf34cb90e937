/** Fills a catalogue: the making of names is not counted. */

import type { Catalogue } from '../../component/catalogue/catalogue.js'
import { maxAdds } from '../../component/catalogue/limits.js'
import type { Entry } from '../../component/catalogue/values.js'
import type { Names } from './names.js'
import { type Plan, say, shareOf } from './plan.js'

const everybody = { kind: 'everybody' } as const

/** Publishes changes as a component does: one answered before the next of the same share. */
export class Publisher {
  readonly #catalogue: Catalogue
  readonly #seqs = new Map<number, number>()

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue
  }

  async join(peer: number): Promise<void> {
    const name = shareOf(peer)
    const known = await this.#catalogue.registration(name)
    await this.#catalogue.register(name, known.kind === 'ok' ? known.id : undefined)
    const settings = { name: 'Bench', visibleTo: everybody, tags: peer % 10 === 0 ? ['tenth'] : [] }
    const opened = await this.#catalogue.openShare(name, settings)
    if (opened.kind !== 'ok') throw new Error(JSON.stringify(opened))
    this.#seqs.set(peer, opened.held)
    if (peer % 4 === 0) await this.#catalogue.attend(name, true)
  }

  async publish(peer: number, adds: Entry[]): Promise<void> {
    const base = this.#seqs.get(peer)!
    this.#seqs.set(peer, base + 1)
    const answer = await this.#catalogue.publish(shareOf(peer), { base, seq: base + 1, adds, removes: [] })
    if (answer.kind !== 'ok' || !answer.isApplied) throw new Error(JSON.stringify(answer))
  }
}

/** Changes that are on their way at once. */
const atOnce = 16
/** Peers that come at once, before the clock runs. */
const joining = 100
/** Changes that are made before they are published. */
const chunk = 400

/** Fills up to the plan's entries, or until the time is over. @returns entries a second; 0 if there was nothing to do */
export async function fill(
  catalogue: Catalogue,
  publisher: Publisher,
  names: Names,
  plan: Plan,
): Promise<number> {
  for (let peer = 0; peer < plan.peers; peer += joining) {
    const some = Array.from({ length: Math.min(joining, plan.peers - peer) }, (_, at) => peer + at)
    await Promise.all(some.map((one) => publisher.join(one)))
  }
  const held = async () => ((await catalogue.statistics()) as { entries: number }).entries
  const first = await held()
  const began = performance.now()
  let spent = 0
  let put = 0
  // Some replace others: they are put, but not more.
  for (
    let there = first, peer = 0;
    there < plan.entries && spent < plan.seconds * 1_000;
    there = await held()
  ) {
    const changes = Array.from({ length: chunk }, () => {
      peer = (peer + 1) % plan.peers
      const of = peer
      return { of, adds: Array.from({ length: maxAdds }, () => names.next(of)) }
    })
    const from = performance.now()
    const pending = new Set<Promise<void>>()
    for (const { of, adds } of changes) {
      const one: Promise<void> = publisher.publish(of, adds).then(() => void pending.delete(one))
      pending.add(one)
      if (pending.size >= atOnce) await Promise.race(pending)
    }
    await Promise.all(pending)
    spent += performance.now() - from
    put += chunk * maxAdds
    if (performance.now() - began > plan.seconds * 1_000) break
  }
  if (put === 0) return 0
  const rate = put / (spent / 1_000)
  say(`${put} put, ${rate.toFixed(0)} a second; ${await held()} are held`)
  return rate
}
