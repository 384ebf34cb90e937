/**
 * `npm run bench:reach`, as root: can every two people connect?
 *
 * Two homes behind routers of every two kinds, and a server, in network namespaces at 50 ms round trip (test/bed): which path
 * is due, which was taken, how long to the first bytes, how fast, and how long until it goes on after the network was
 * cut in the middle. Some pairs again with a router that maps ports, with IPv6, with ejabberd's proxy, with a home that gets
 * another address. Then the rate beside `iperf3` on the same path. It prints figures and asserts nothing.
 */

import { missing } from '../test/bed/there.js'
import { readOptions } from './options.js'
import { crossings } from './reach/crossings.js'
import { rates } from './reach/rates.js'
import { printReport, type Row } from './report.js'

const usage = 'usage: bench:reach [--mebibytes 48] [--mbit 200] [--rounds 3] [--only PART,PART] [--json]'
const options = readOptions(usage, { mebibytes: 48, mbit: 200, rounds: 3 })
const { mebibytes, mbit, rounds } = options.numbers as { mebibytes: number; mbit: number; rounds: number }
const say = (line: string) => process.stderr.write(`${line}\n`)
const chosen = (part: string) => options.only.length === 0 || options.only.includes(part)

const absent = missing()
if (absent !== undefined) {
  say(`nothing was tried: ${absent}`)
  process.exit(1)
}
const rows: Row[] = []
const ratios: Record<string, number> = {}
const left: Record<string, string> = {}
for await (const { row, absent } of crossings({ mebibytes, mbit, chosen, say })) {
  if (row !== undefined) rows.push(row)
  else Object.assign(left, absent)
}
const measured = await rates({ mbit, rounds, chosen, say })
rows.push(...measured.rows)
Object.assign(ratios, measured.ratios)
printReport(
  {
    notes: [
      `${mebibytes} MiB from home A to home B, 50 ms round trip between any two of home, home and server, ${mbit} Mbit/s`,
      'first byte: from the accept to the first bytes at the receiver; goes on: from the cut to the next proven block',
    ],
    rows,
    ratios,
    absent: left,
  },
  options.json,
)
