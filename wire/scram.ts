/**
 * SCRAM (RFC 5802, RFC 7677) with the system's own cryptography: the stock one computes PBKDF2 in JavaScript, a quarter to half a second for each login,
 * and lets a server in that does not prove to know the password.
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { ConnectionFailed } from './errors.js'

const derive = promisify(pbkdf2)
/** A server's number of rounds above this is refused: it is our processor. */
const mostIterations = 1_000_000

interface Credentials {
  username: string
  password: string
}

/** What `saslmechanisms` expects of a mechanism, and the check of the server's last word. */
export interface ScramMechanism {
  response(credentials: Credentials): Promise<string>
  challenge(message: string): void
  /** @throws ConnectionFailed `server-unproven` when the server does not know the password either */
  final(message: string): void
}

/** A class of mechanisms for SASLFactory. `opened` is told of each exchange that begins. */
export function scram(
  name: 'SCRAM-SHA-1' | 'SCRAM-SHA-256',
  opened: (mechanism: ScramMechanism) => void,
): new () => ScramMechanism {
  const hash = name === 'SCRAM-SHA-1' ? 'sha1' : 'sha256'
  const length = hash === 'sha1' ? 20 : 32
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()

  class Scram implements ScramMechanism {
    readonly name = name
    readonly clientFirst = true
    readonly #nonce = randomBytes(18).toString('base64')
    #first = ''
    #challenge = ''
    #serverSignature: Buffer | undefined
    #proven = false

    constructor() {
      opened(this)
    }

    challenge(message: string): void {
      this.#challenge = message
      // Some servers say their last word in a challenge, and then an empty success.
      if (message.startsWith('v=')) {
        this.final(message)
        this.#proven = true
      }
    }

    async response({ username, password }: Credentials): Promise<string> {
      if (this.#first === '') {
        const escaped = username.replaceAll('=', '=3D').replaceAll(',', '=2C')
        this.#first = `n=${escaped},r=${this.#nonce}`
        return `n,,${this.#first}`
      }
      if (this.#proven) return ''
      const { nonce, salt, iterations } = this.#read()
      const bare = `c=biws,r=${nonce}`
      const words = `${this.#first},${this.#challenge},${bare}`
      const salted = await derive(password.normalize('NFKC'), salt, iterations, length, hash)
      const clientKey = hmac(salted, 'Client Key')
      const signature = hmac(createHash(hash).update(clientKey).digest(), words)
      this.#serverSignature = hmac(hmac(salted, 'Server Key'), words)
      const proof = clientKey.map((byte, at) => byte ^ (signature[at] as number))
      return `${bare},p=${Buffer.from(proof).toString('base64')}`
    }

    #read(): { nonce: string; salt: Buffer; iterations: number } {
      const [, nonce, salt, rounds] =
        /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/=]+),i=([0-9]{1,9})(?:,|$)/.exec(this.#challenge) ?? []
      const iterations = Number(rounds)
      if (!nonce?.startsWith(this.#nonce) || !salt || !(iterations >= 1 && iterations <= mostIterations)) {
        throw new ConnectionFailed('bad-challenge', 'the server sent a challenge that makes no sense')
      }
      return { nonce, salt: Buffer.from(salt, 'base64'), iterations }
    }

    final(message: string): void {
      if (this.#proven) return
      const said = Buffer.from(/^v=([A-Za-z0-9+/=]+)/.exec(message)?.[1] ?? '', 'base64')
      const known = this.#serverSignature
      if (!known || said.length !== known.length || !timingSafeEqual(said, known)) {
        throw new ConnectionFailed('server-unproven', 'the server has not proven that it knows the password')
      }
    }
  }
  Object.defineProperty(Scram.prototype, 'name', { value: name, configurable: true })
  return Scram
}
