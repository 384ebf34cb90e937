/**
 * A question to the router in one datagram, said again until there is an answer (RFC 6886, section 3.1; RFC 6887, section
 * 8.1.1): after 250 ms, then each time after twice as long.
 *
 * The socket is connected, so that the system passes over what comes from anybody else.
 */

import { createSocket } from 'node:dgram'

/** Where routers listen for NAT-PMP and PCP. */
const routerPort = 5351
const firstWaitMs = 250
/** Longer than any answer may be (RFC 6887, section 7). */
const maxAnswerBytes = 1_100

export interface Question<Answer> {
  gateway: string
  write: (own: string) => Buffer
  /** Gives undefined for what is no answer to it. */
  read: (answer: Buffer) => Answer | undefined
  timeoutMs: number
  signal?: AbortSignal | undefined
}

/** Gives undefined when there is no answer in time, or nobody there. */
export function ask<Answer>({
  gateway,
  write,
  read,
  timeoutMs,
  signal,
}: Question<Answer>): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    let again: NodeJS.Timeout | undefined
    let over = false
    const end = (answer?: Answer): void => {
      if (over) return
      over = true
      clearTimeout(again)
      clearTimeout(deadline)
      signal?.removeEventListener('abort', stop)
      socket.close()
      resolve(answer)
    }
    const stop = (): void => end()
    const deadline = setTimeout(end, timeoutMs)
    const say = (waitMs: number): void => {
      if (over) return
      // Refused (nobody listens) comes as an error of the socket, or not at all.
      socket.send(write(socket.address().address), () => {})
      again = setTimeout(() => say(waitMs * 2), waitMs)
    }
    socket.on('error', () => end())
    socket.on('message', (bytes) => {
      const answer = bytes.length <= maxAnswerBytes ? read(bytes) : undefined
      if (answer !== undefined) end(answer)
    })
    if (signal?.aborted === true) end()
    else {
      signal?.addEventListener('abort', stop)
      socket.connect(routerPort, gateway, () => say(firstWaitMs))
    }
  })
}
