/** The names of private servers, by a DNS of our own: each is at a port of this machine (RFC 1035; SRV of RFC 2782, RFC 6120 §3.2.1). */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const types = { a: 1, srv: 33 }
const notThere = 3
const service = '_xmpp-server._tcp.'

export interface Names {
  /** Where it is asked, on 127.0.0.1. */
  readonly port: number
  /** Other servers find this one at that port of this machine. */
  add(name: string, port: number): void
  close(): void
}

export async function startNames(): Promise<Names> {
  const ports = new Map<string, number>()
  const socket = createSocket('udp4')
  socket.on('message', (question, { port, address }) => {
    socket.send(answerTo(question, ports), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    add: (name, port) => void ports.set(name, port),
    close: () => void socket.close(),
  }
}

function answerTo(question: Buffer, ports: ReadonlyMap<string, number>): Buffer {
  const { name, end } = nameIn(question)
  const type = question.readUInt16BE(end)
  const host = name.startsWith(service) ? name.slice(service.length) : name
  const port = ports.get(host)
  let data: Buffer | undefined
  if (port !== undefined && type === types.srv && host !== name)
    data = Buffer.from([0, 0, 0, 0, ...word(port), ...inLabels(host)])
  if (port !== undefined && type === types.a && host === name) data = Buffer.from([127, 0, 0, 1])
  // One question; the same id; an answer with authority.
  const flags = 0x8580 | (port === undefined ? notThere : 0)
  const head = [...question.subarray(0, 2), ...word(flags), 0, 1, 0, data ? 1 : 0, 0, 0, 0, 0]
  const asked = question.subarray(12, end + 4)
  // The name of the question, class IN, one second.
  const record = data ? [0xc0, 12, ...word(type), 0, 1, 0, 0, 0, 1, ...word(data.length), ...data] : []
  return Buffer.from([...head, ...asked, ...record])
}

const word = (value: number) => [value >> 8, value & 0xff]

const inLabels = (name: string) => [
  ...name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]),
  0,
]

/** The name that is asked for, and where it ends. */
function nameIn(question: Buffer): { name: string; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = question[at]!; length > 0; length = question[at]!) {
    labels.push(question.toString('ascii', at + 1, at + 1 + length).toLowerCase())
    at += length + 1
  }
  return { name: labels.join('.'), end: at + 1 }
}
