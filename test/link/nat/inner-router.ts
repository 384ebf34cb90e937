/**
 * A router that is itself behind another: it speaks NAT-PMP only, and maps at an address that leads nowhere from outside.
 * It says in a line each how long it was asked to keep a mapping: 0 is taking it back.
 */

import { createSocket } from 'node:dgram'

const outer = [10, 9, 9, 9]
const socket = createSocket('udp4')
socket.on('message', (asked, from) => {
  const [version, operation] = asked
  if (version !== 0) return
  const answer = Buffer.alloc(operation === 0 ? 12 : 16)
  answer[1] = operation! | 0x80
  if (operation === 0) Buffer.from(outer).copy(answer, 8)
  else {
    asked.copy(answer, 8, 4, 12)
    console.log(asked.readUInt32BE(8))
  }
  socket.send(answer, from.port, from.address)
})
socket.bind(5351, () => console.log('listens'))
