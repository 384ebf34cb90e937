/** Makes a bed, says which processes hold it, and waits to be killed. */
import { Bed } from './bed.js'

const bed = await Bed.make({
  A: { router: 'restricted' },
  B: { router: 'open' },
  weather: { roundTripMs: 10 },
})
const all = [bed.wan, bed.server, bed.routers.A, bed.routers.B, bed.lans.A, bed.lans.B]
process.send!(all.map(({ pid }) => pid))
process.on('disconnect', () => process.exit())
