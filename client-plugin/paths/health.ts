/**
 * Which of the servers that do the same have failed lately: they are asked after the others, and forgiven after a while. In
 * memory only.
 */

/** So long after a failure a server comes after those that have not failed, ms. */
const sickMs = 600_000

interface Server {
  ip: string
  port: number
}

export class Health {
  /** By address and port: until when. */
  readonly #sick = new Map<string, number>()

  constructor(readonly now: () => number = () => performance.now()) {}

  /** The server, with what tells us that it has failed. */
  of<S extends Server>(server: S): S & { failed(): void } {
    return { ...server, failed: () => void this.#sick.set(keyOf(server), this.now() + sickMs) }
  }

  /** Those that have not failed first, otherwise as they were. */
  inOrder<S extends Server>(servers: readonly S[]): S[] {
    const now = this.now()
    for (const [key, until] of this.#sick) if (until <= now) this.#sick.delete(key)
    const isSick = (server: Server) => this.#sick.has(keyOf(server))
    return [...servers.filter((one) => !isSick(one)), ...servers.filter(isSick)]
  }

  clear(): void {
    this.#sick.clear()
  }
}

const keyOf = ({ ip, port }: Server): string => `${ip} ${port}`
