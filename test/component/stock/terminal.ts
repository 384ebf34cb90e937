/** A program in a terminal of its own (tmux, on a private socket): what it shows can be read, and keys be pressed. */

import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export class Terminal {
  readonly #socket: string

  /** Starts the program. @param dir a folder of ours, for the socket */
  constructor(dir: string, command: string[], env: Record<string, string>) {
    this.#socket = join(dir, 'tmux')
    const given = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const size = ['-x', '200', '-y', '60']
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, ...given, command.map(quoted).join(' '))
  }

  /** Types a line. */
  line(text: string): void {
    this.#tmux('send-keys', '-l', text)
    this.#tmux('send-keys', 'Enter')
  }

  /** What stands there now. */
  get screen(): string {
    return this.#tmux('capture-pane', '-p')
  }

  /** Resolves with what stands there when it has all of these. @throws Error with the screen if it does not come to that */
  async shows(...words: string[]): Promise<string> {
    for (const end = performance.now() + 40_000; performance.now() < end; ) {
      const { screen } = this
      if (words.every((word) => screen.includes(word))) return screen
      await pause(100)
    }
    throw new Error(`it does not show ${words.join(', ')}:\n${this.screen}`)
  }

  close(): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server'])
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' })
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
