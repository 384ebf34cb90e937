/**
 * Two devices of two people under load: one that offers, one that accepts and completes. They do what the plugin
 * does, in its order: nobody acts on his own action before its result, and every delivery is answered.
 * A session ends when the author was told `complete` and the other has its result: recorded, durable, delivered.
 */

import { randomBytes } from 'node:crypto'
import { RawStream } from './raw-stream.js'
import { attributeOf, openingTag } from './stanza-cutter.js'
import { words } from './words.js'

export interface Account {
  name: string
  password: string
}

/** Times of one session in ms of this process's clock. */
export interface Session {
  begun: number
  /** The offer has its result: recorded. */
  recorded: number
  /** The offer has reached the other device. */
  delivered: number
}

interface Running extends Session {
  open: number
  done: (session: Session) => void
  isDeclined: boolean
}

export class Pair {
  readonly #byOffer = new Map<string, Running>()
  readonly #bySid = new Map<string, Running>()
  /** What waits for a result, by the IQ's id. */
  readonly #asked = new Map<string, (stanza: string) => void>()
  #next = 0
  readonly #prefix = randomBytes(6).toString('hex')

  private constructor(
    private readonly author: RawStream,
    private readonly taker: RawStream,
    private readonly takerBare: string,
    private readonly component: string,
  ) {}

  static async logIn(port: number, component: string, [one, other]: [Account, Account]): Promise<Pair> {
    const [author, taker] = await Promise.all([RawStream.open(port), RawStream.open(port)])
    await author.logIn(one.name, one.password, 'bench')
    const jid = await taker.logIn(other.name, other.password, 'bench')
    const pair = new Pair(author, taker, jid.split('/')[0]!, component)
    author.onStanza = (stanza) => pair.#hear(author, stanza)
    taker.onStanza = (stanza) => pair.#hear(taker, stanza)
    return pair
  }

  /** Tells the component which devices these are; resolves when it has said that they are logged in. */
  async logInAtComponent(): Promise<void> {
    await Promise.all(
      [this.author, this.taker].map(async (stream) => {
        const said = await stream.ask(words.login(this.component, randomBytes(32).toString('hex')))
        if (!said.startsWith('<presence') || said.includes(`type='error'`))
          throw new Error(`the component did not log a device in: ${said}`)
      }),
    )
  }

  /** Runs one session to its end: offer, accept, complete; or, with `isDeclined`, offer and decline. */
  session(isDeclined = false): Promise<Session> {
    return new Promise((done) => {
      const id = `${this.#prefix}${this.#next++}`
      const session = { begun: performance.now(), recorded: 0, delivered: 0, open: 2, done, isDeclined }
      this.#byOffer.set(id, session)
      this.#ask(this.author, words.offer(id, this.takerBare), () => {
        session.recorded = performance.now()
      })
    })
  }

  /** Six round trips with the payloads of a session, and nothing else: what the echo is asked. */
  async echo(echo: string): Promise<void> {
    const sid = '0123456789abcdef0123456789abcdef'
    for (const payload of [words.offer('a1b2c3d4e5', this.takerBare), words.accept(sid), words.complete(sid)])
      for (const stream of [this.author, this.taker])
        await new Promise<void>((resolve) => this.#ask(stream, payload, () => resolve(), echo))
  }

  end(): void {
    this.author.end()
    this.taker.end()
  }

  #ask(stream: RawStream, payload: string, answered: (stanza: string) => void, to = this.component): void {
    const id = `q${this.#next++}`
    this.#asked.set(id, answered)
    stream.send(`<iq type='set' id='${id}' to='${to}'>${payload}</iq>`)
  }

  #hear(stream: RawStream, stanza: string): void {
    if (!stanza.startsWith('<iq')) return
    const tag = openingTag(stanza)
    const id = attributeOf(tag, 'id')!
    const type = attributeOf(tag, 'type')
    if (type === 'error') throw new Error(`an action was refused: ${stanza}`)
    if (type === 'result') {
      const answered = this.#asked.get(id)
      this.#asked.delete(id)
      answered?.(stanza)
      return
    }
    stream.send(`<iq type='result' id='${id}' to='${this.component}'/>`)
    this.#delivered(stanza.slice(tag.length))
  }

  #delivered(payload: string): void {
    const sid = attributeOf(payload, 'sid')!
    if (payload.startsWith('<offer')) this.#take(sid, attributeOf(payload, 'id')!)
    else if (payload.startsWith('<complete') || payload.startsWith('<decline')) this.#closeOne(sid)
  }

  #take(sid: string, offerId: string): void {
    const session = this.#byOffer.get(offerId)
    if (session === undefined) return
    this.#byOffer.delete(offerId)
    this.#bySid.set(sid, session)
    session.delivered = performance.now()
    const last = () => this.#closeOne(sid)
    if (session.isDeclined) this.#ask(this.taker, words.decline(sid), last)
    else
      this.#ask(this.taker, words.accept(sid), () => {
        this.#ask(this.taker, words.complete(sid), last)
      })
  }

  /** A session has two last words: the author is told, and the other has its result. */
  #closeOne(sid: string): void {
    const session = this.#bySid.get(sid)
    if (session === undefined || --session.open > 0) return
    this.#bySid.delete(sid)
    session.done(session)
  }
}
