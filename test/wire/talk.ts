/** One end of a socket that a test plays by hand: says text, waits for text. */
import type { Socket } from 'node:net'

export class Talk {
  #heard = ''
  #ended = false
  #wake: (() => void)[] = []
  /** All that has come in, for looking back. */
  all = ''

  constructor(readonly socket: Socket) {
    socket.setNoDelay(true)
    socket.on('data', (data) => {
      const text = data.toString('latin1')
      this.#heard += text
      this.all += text
      this.#stir()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#ended = true
      this.#stir()
    })
  }

  #stir(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** Waits for text that matches, and takes it and what was before it out of what has been heard. Text is bytes as Latin-1. */
  async hear(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#heard)
      if (match) {
        this.#heard = this.#heard.slice(match.index + match[0].length)
        return match
      }
      if (this.#ended)
        throw new Error(`the connection ended before ${pattern}; left: ${this.#heard.slice(0, 500)}`)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  /** Waits for the connection's end. */
  async end(): Promise<void> {
    while (!this.#ended) await new Promise<void>((resolve) => this.#wake.push(resolve))
  }

  get ended(): boolean {
    return this.#ended
  }

  say(text: string | Buffer): void {
    this.socket.write(text)
  }
}
