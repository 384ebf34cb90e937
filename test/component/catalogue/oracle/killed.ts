/** A process that publishes what it is told, begins a whole list, and is killed. */

import { text } from 'node:stream/consumers'
import { openCatalogue } from '../../../../component/catalogue/catalogue.js'
import type { Change, ShareName } from '../../../../component/catalogue/values.js'
import { entry, ok } from '../stage.js'
import { users } from './drawing.js'

interface Told {
  path: string
  name: ShareName
  change: Change
}

const { path, name, change } = JSON.parse(await text(process.stdin)) as Told
const catalogue = await openCatalogue({ path, readers: 1, users, check: false })
ok(await catalogue.publish(name, change))
async function* list() {
  for (let n = 0; ; n += 250) {
    yield Array.from({ length: 250 }, (_, at) => entry(`song/Love ${n + at}`))
    process.stdout.write('now\n')
  }
}
await catalogue.replaceShare(name, change.seq + 1, list())
