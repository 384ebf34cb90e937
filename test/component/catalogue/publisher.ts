/** A process that publishes as fast as it can and says what was answered, until it is killed. */

import { openCatalogue } from '../../../component/catalogue/catalogue.js'
import { entry, everybody, ok } from './stage.js'

const name = { peer: 'faust@goethe.example', device: 'laptop', share: 'stuff' }
const catalogue = await openCatalogue({ path: process.argv[2]!, readers: 1, check: false })
const known = await catalogue.registration(name)
ok(await catalogue.register(name, known.kind === 'ok' ? known.id : undefined))
let { held } = ok(await catalogue.openShare(name, { name: 'stuff', visibleTo: everybody, tags: [] }))
for (;;) {
  const seq = held + 1
  const adds = Array.from({ length: 20 }, (_, n) => entry(`f${seq % 5}/file ${seq} ${n}.txt`))
  // One in three takes back what the one before brought.
  const removes =
    seq % 3 === 0 ? Array.from({ length: 20 }, (_, n) => `f${(seq - 1) % 5}/file ${seq - 1} ${n}.txt`) : []
  held = ok(await catalogue.publish(name, { base: held, seq, adds, removes })).held
  process.stdout.write(`${held}\n`)
}
