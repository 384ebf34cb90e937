/** One JSON value a line, both ways, over the socket of the state folder. Lines are bounded. */
import type { Socket } from 'node:net'

const maxLine = 256 * 1024
/** Progress is dropped rather than piled up for a reader that does not read. */
const maxWaiting = 1024 * 1024

/** Hands each line's value on. A line that is too long, or no JSON, ends the connection. */
export function readLines(socket: Socket, onValue: (value: unknown) => void): void {
  let held = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    held += text
    for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n')) {
      const line = held.slice(0, end)
      held = held.slice(end + 1)
      let value: unknown
      try {
        value = JSON.parse(line)
      } catch {
        socket.destroy()
        return
      }
      onValue(value)
    }
    if (held.length > maxLine) socket.destroy()
  })
}

/** Writes a value as one line. @returns false where the reader lags far behind. */
export function writeLine(socket: Socket, value: unknown): boolean {
  if (socket.destroyed || !socket.writable) return false
  socket.write(`${JSON.stringify(value)}\n`)
  return socket.writableLength < maxWaiting
}
