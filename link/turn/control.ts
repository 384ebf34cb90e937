/**
 * Requests to a TURN server over one connection, with long-term credentials (RFC 8489, section 9.2).
 *
 * The first is refused with 401 and names realm and nonce; a nonce that has become old is refused with 438 and names the
 * next. Both are answered by asking again, three times in all. Once there is a key, a success without the server's proof
 * (MESSAGE-INTEGRITY) is nobody's reply.
 */

import type { Socket } from 'node:net'
import { attribute, errorOf, textOf } from '../stun/attributes.js'
import { Conversation } from '../stun/conversation.js'
import { isSigned, longTermKey, signedPart, writeSigned } from '../stun/integrity.js'
import { type StunAttribute, type StunMessage, writeMessage } from '../stun/message.js'
import { TurnFailed } from './failure.js'

export interface TurnCredentials {
  username: string
  password: string
}

/** What the server said last of whom it knows us as; every connection to it begins with what the others learned. */
export interface TurnSession {
  realm?: Buffer
  nonce?: Buffer
  key?: Buffer
}

export interface TurnRequest {
  method: number
  /** What it says, apart from the credentials. */
  attributes: (transaction: Buffer) => StunAttribute[]
  timeoutMs: number
  /** Behind its success the stream is the peer's. */
  last?: boolean
}

const maxTries = 3

export class Control {
  private readonly conversation: Conversation

  constructor(
    socket: Socket,
    private readonly credentials: TurnCredentials,
    private readonly session: TurnSession,
    onIndication?: (message: StunMessage) => void,
    onOver?: () => void,
  ) {
    this.conversation = new Conversation(socket, onIndication, onOver)
  }

  /** Gives the success. @throws TurnFailed, StunFailed */
  async request(request: TurnRequest): Promise<StunMessage> {
    for (let tries = 1; ; tries++) {
      const { key } = this.session
      const reply = await this.conversation.request({
        ...request,
        write: (transaction) => this.write(request, transaction),
        accept: (bytes, message) => message.kind === 'error' || key === undefined || isSigned(bytes, key),
      })
      if (reply.kind === 'success') return signedPart(reply)
      const code = errorOf(reply)?.code
      if (tries < maxTries && this.learned(reply, code, key !== undefined)) continue
      throw new TurnFailed(code === 401 ? 'unauthorized' : 'refused', code)
    }
  }

  private write({ method, attributes }: TurnRequest, transaction: Buffer): Buffer {
    const { realm, nonce, key } = this.session
    const message = { method, kind: 'request', transaction, attributes: attributes(transaction) } as const
    if (realm === undefined || nonce === undefined || key === undefined) return writeMessage(message)
    const who = [
      { type: attribute.username, value: Buffer.from(this.credentials.username) },
      { type: attribute.realm, value: realm },
      { type: attribute.nonce, value: nonce },
    ]
    return writeSigned({ ...message, attributes: [...message.attributes, ...who] }, key)
  }

  /** Whether the refusal says how to ask again. A second 401 means that the password is wrong. */
  private learned(reply: StunMessage, code: number | undefined, signed: boolean): boolean {
    const nonce = textOf(reply, attribute.nonce)
    const realm = textOf(reply, attribute.realm) ?? this.session.realm
    if (nonce === undefined || realm === undefined) return false
    if (code !== 438 && (code !== 401 || signed)) return false
    const { username, password } = this.credentials
    Object.assign(this.session, { nonce, realm, key: longTermKey(username, realm, password) })
    return true
  }
}
