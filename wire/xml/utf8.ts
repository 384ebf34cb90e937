/**
 * Bytes of a socket to text, strictly (RFC 6120 §11.6: a stream is UTF-8).
 *
 * Rules: a character that is cut by a chunk's end waits for its rest; what is no UTF-8 is a fault, never a silent U+FFFD;
 * at most three bytes are held; one decoder lives as long as one connection.
 */
import { Buffer, isUtf8 } from 'node:buffer'
import { StreamFault } from './fault.js'

const nothing = Buffer.alloc(0)

export class Utf8Decoder {
  #held: Buffer = nothing

  /** The text that is complete with this chunk. @throws StreamFault at bytes that are no UTF-8 */
  write(chunk: Buffer): string {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const whole = bytes.length - unfinished(bytes)
    if (whole === bytes.length) {
      this.#held = nothing
    } else {
      // A copy: a view would keep the socket's whole buffer alive for three bytes.
      this.#held = Buffer.from(bytes.subarray(whole))
    }
    const ready = whole === bytes.length ? bytes : bytes.subarray(0, whole)
    if (!isUtf8(ready)) throw new StreamFault('not-well-formed', 'the stream is not UTF-8')
    return ready.toString('utf8')
  }
}

/** How many bytes at the end belong to a character that has not come in whole (0–3). */
function unfinished(bytes: Buffer): number {
  const length = bytes.length
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back] as number
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return needed > back ? back : 0
  }
  return 0
}
