/**
 * A process that commits as fast as it can to the component's store, or to a catalogue, and says what it was told is durable, until it
 * is killed. `STORE` or `CATALOGUE` is the file.
 */

import { openCatalogue } from '../../component/catalogue/catalogue.js'
import { Batches } from '../../component/store/batches.js'
import { entry, everybody, ok } from './catalogue/stage.js'

const { STORE, CATALOGUE } = process.env
const say = (done: number) => process.stdout.write(`${done}\n`)

/** So much that the log of writes is brought into the file every second. */
const words = 'x'.repeat(20_000)

async function store(path: string): Promise<void> {
  const batches = new Batches({ path, clock: Date.now })
  const author = await batches.run(({ store, now }) => store.devices.logIn('faust@h', 'd', 'faust@h/x', now))
  for (let done = batches.store.offers.count() + 1; ; done++) {
    await batches.run(({ store, now }) => {
      store.offers.add({
        author,
        authorPeer: 'faust@h',
        name: `offer-${done}`,
        kind: 'offer',
        recipient: `peer${done}@h`,
        resource: null,
        digest: '',
        payload: words,
        made: now,
        ends: now + 600_000,
        state: { open: true, every: false, delivered: 0, refused: 0, accepted: false },
      })
    })
    say(done)
  }
}

async function catalogue(path: string): Promise<void> {
  const name = { peer: 'faust@h', device: 'laptop', share: 'stuff' }
  const open = await openCatalogue({ path, readers: 1, check: false })
  const known = await open.registration(name)
  ok(await open.register(name, known.kind === 'ok' ? known.id : undefined))
  let { held } = ok(await open.openShare(name, { name: 'stuff', visibleTo: everybody, tags: [] }))
  // Many at once: each commit writes much, and is durable before anything is said.
  for (;;) {
    const changes = Array.from({ length: 8 }, () => {
      const [base, seq] = [held, held + 1]
      held = seq
      const adds = Array.from({ length: 100 }, (_, n) => {
        const random = Math.imul(seq * 100 + n, 0x9e3779b1) >>> 0
        return entry(`${random.toString(36)}/file ${seq} ${n} ${(random * seq).toString(36)}.txt`)
      })
      return open.publish(name, { base, seq, adds, removes: [] })
    })
    for (const each of changes) say(ok(await each).held)
  }
}

await (STORE === undefined ? catalogue(CATALOGUE!) : store(STORE))
