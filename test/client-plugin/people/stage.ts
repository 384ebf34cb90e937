/** The stage for people with several devices, with contacts, and without: a real Prosody, the component, plugins in this process. */

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createClientEntity,
  type FileTransfer,
  type FileTransferOptions,
  fileTransfer,
  type Offer,
  type Transfer,
  type XmppEntity,
} from '../../../client-plugin/index.js'
import { type RunningComponent, startComponent } from '../../../component/index.js'
import { nsBlocking, ping, xml } from '../../../schemas/index.js'
import { type PrivateProsody, startProsody } from '../../../scripts/private-prosody.js'
import { request } from '../../../wire/index.js'

/** One device of a person, logged in. */
export class Device {
  entity!: XmppEntity
  files!: FileTransfer
  /** Every offer that was shown, in order. */
  offers: Offer[] = []
  readonly #news = new Set<() => void>()

  constructor(
    readonly stage: Stage,
    readonly jid: string,
    readonly name: string,
    readonly options: Partial<FileTransferOptions>,
  ) {}

  /** Logs in, with what its state folder holds. */
  async start(): Promise<this> {
    const { service, componentDomain: component } = this.stage.prosody
    this.entity = createClientEntity({ jid: `${this.jid}/${this.name}`, password: 'secret', service })
    this.entity.on('error', () => undefined)
    await this.entity.start()
    this.offers = []
    this.files = fileTransfer(this.entity, {
      component,
      state: join(this.stage.dir, `state-${this.jid.split('@')[0]}-${this.name}`),
      allowLoopback: true,
      trust: 'every',
      listen: { host: '127.0.0.1' },
      ...this.options,
    })
    this.files.on('offer', (offer) => {
      this.offers.push(offer)
      for (const look of this.#news) look()
    })
    await this.files.ready
    return this
  }

  async stop(): Promise<void> {
    await this.files.stop()
    await this.entity.stop()
  }

  /** Ends as if it had been killed: nothing is said any more. */
  async restart(): Promise<this> {
    await this.stop()
    return this.start()
  }

  /** The offer with this id's file name, once it is shown. */
  offered(filename: string): Promise<Offer> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.offers.find((offer) => offer.filename === filename)
        if (found === undefined) return
        this.#news.delete(look)
        resolve(found)
      }
      this.#news.add(look)
      look()
    })
  }

  /** Resolves when all that the component and the server had for this device is here. */
  async settled(): Promise<void> {
    await request(this.entity, { to: this.stage.prosody.componentDomain, type: 'get', payload: ping() })
    await request(this.entity, { type: 'get', payload: ping() })
  }

  async block(jid: string, how: 'block' | 'unblock' = 'block'): Promise<void> {
    const payload = xml(how, { xmlns: nsBlocking }, xml('item', { jid }))
    await request(this.entity, { type: 'set', payload })
  }

  /** A new folder to receive into. */
  get into(): string {
    return mkdtempSync(join(this.stage.dir, `into-${this.name}-`))
  }
}

export class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), 'jabberfs-people-'))
  prosody!: PrivateProsody
  #component: RunningComponent | undefined
  readonly #devices: Device[] = []

  async open(): Promise<this> {
    this.prosody = await startProsody({ iterations: 100 })
    await this.startComponent()
    return this
  }

  async startComponent(): Promise<void> {
    const { componentDomain: domain, componentService: server, secret } = this.prosody
    const state = join(this.dir, 'component')
    this.#component = await startComponent({ domain, server, secret, state, logLevel: 'silent' })
    await this.#component.online
  }

  async stopComponent(): Promise<void> {
    await this.#component?.stop()
    this.#component = undefined
  }

  /** A device of this person; the account is made if it is new. */
  async device(person: string, name: string, options: Partial<FileTransferOptions> = {}): Promise<Device> {
    const device = new Device(this, this.prosody.addUser(person, 'secret'), name, options)
    this.#devices.push(device)
    return device.start()
  }

  /** A file of random bytes. */
  file(name: string, bytes = 100_000): { path: string; digest: string } {
    const folder = join(this.dir, 'files')
    mkdirSync(folder, { recursive: true })
    const content = randomBytes(bytes)
    writeFileSync(join(folder, name), content)
    return { path: join(folder, name), digest: digest(content) }
  }

  async close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.stop().catch(() => undefined)))
    await this.stopComponent()
    await this.prosody.stop()
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex')
export const digestOf = (path: string) => digest(readFileSync(path))

/** How a transfer's run ends: `complete`, or the code. */
export const endOf = (transfer: Transfer): Promise<string> =>
  transfer.finished.then(
    () => 'complete',
    (error: { code: string }) => error.code,
  )

/** Resolves when the transfer shows a state that fits. */
export function shows(transfer: Transfer, fits: (state: Transfer['state']) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!fits(transfer.state)) return
      transfer.off('state', look)
      resolve()
    }
    transfer.on('state', look)
    look()
  })
}
