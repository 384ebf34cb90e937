/** A process that writes a whole list, says so after some of it, and is killed. */

import { openCatalogue } from '../../../component/catalogue/catalogue.js'
import { entry, ok } from './stage.js'

const name = { peer: 'faust@goethe.example', device: 'laptop', share: 'stuff' }
const catalogue = await openCatalogue({ path: process.argv[2]!, readers: 1, check: false })
let slices = Number(process.argv[3])
async function* list() {
  for (let from = 0; from < 2_500; from += 250) {
    yield Array.from({ length: 250 }, (_, n) => entry(`new/file ${from + n}.txt`))
    if (--slices === 0) process.stdout.write('now\n')
  }
}
ok(await catalogue.replaceShare(name, 2, list()))
