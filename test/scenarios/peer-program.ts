/**
 * A peer's program: the plugin's public API and nothing else of it, driven by the test over the channel of a child process.
 */

import { join } from 'node:path'
import {
  type FileTransfer,
  FileTransferError,
  fileTransfer,
  type Offer,
  type Transfer,
} from '../../client-plugin/index.js'
import { parseXml } from '../../schemas/index.js'
import { createClientEntity, request, type XmppEntity } from '../../wire/index.js'
import { crashAt, firewall, holdUp } from './borders.js'
import type { Ended, Manners, News, NewsName, Order, Orders } from './words.js'

let entity: XmppEntity
let files: FileTransfer
let manners: Manners = {}
/** The last stanzas. */
let said: string[] = []
const watched = new WeakSet<Transfer>()
const offers = new Map<string, Offer>()

function tell<N extends NewsName>(name: N, what: News[N]): void {
  if (process.connected) process.send!({ news: name, what })
}

/** An accept with another size in it than the file has, or other candidates than its own. */
function misstated(stanza: Parameters<XmppEntity['send']>[0]): typeof stanza {
  const { statedSize, candidates } = manners
  const text = stanza.toString()
  if (candidates !== undefined && text.includes('<candidate '))
    return parseXml(text.replace(/<candidate .*<\/candidate>/s, candidates)) as typeof stanza
  if (statedSize === undefined || !text.includes('<accept ')) return stanza
  return parseXml(text.replace(/<filesize>\d+</, `<filesize>${statedSize}<`)) as typeof stanza
}

const follow: { [O in Order]: (words: Orders[O]['with']) => Promise<Orders[O]['gives']> } = {
  async login(login) {
    entity = createClientEntity(login)
    entity.on('error', () => undefined)
    const send = entity.send.bind(entity)
    entity.send = (stanza) => {
      const heard = misstated(stanza)
      said = [...said.slice(-99), heard.toString()]
      return send(heard)
    }
    await entity.start()
    return null
  },
  async begin({ options, manners: asked }) {
    await files?.stop()
    holdUp(undefined)
    manners = asked
    said = []
    files = fileTransfer(entity, options)
    files.on('ready', () => tell('ready', null))
    files.on('away', ({ code }) => tell('away', { code }))
    files.on('trouble', ({ code, message, cause }) =>
      tell('trouble', { code, message: `${message} ${cause}` }),
    )
    files.on('device', ({ peer, device, known }) =>
      tell('device', { peer, device, known: known.map((each) => each.device) }),
    )
    files.on('transfer', watch)
    files.on('offer', answerOffer)
    if (manners.requests !== undefined) files.on('request', answerRequest)
    await files.ready
    return { device: await files.device }
  },
  async manners(asked) {
    manners = asked
    return null
  },
  async send({ peer, path, heldUp, ...options }) {
    const { key } = await files.send(peer, [path], options)
    if (heldUp !== undefined) holdUp(heldUp)
    return { key }
  },
  async request({ peer, filename, options }) {
    return { key: (await files.request(peer, filename, options)).key }
  },
  async share({ folder, options }) {
    const { id } = await files.shares.add(folder, options)
    await files.shares.current(id)
    return { id }
  },
  async unshare({ share }) {
    await files.shares.remove(share)
    return null
  },
  async search(query) {
    return (await files.catalogue.search(query)).items
  },
  async get({ wanted, options }) {
    return { key: (await files.get(wanted, options)).key }
  },
  async answer({ sid, accept }) {
    const offer = offers.get(sid)!
    if (accept) await offer.accept(accept)
    else await offer.decline()
    return null
  },
  async abort({ key }) {
    await files.transfer(key)!.abort()
    return null
  },
  async pause({ key }) {
    await files.transfer(key)!.pause()
    return null
  },
  async resume({ key }) {
    const resumed = await files.resume(key)
    return { keys: resumed.map((transfer) => transfer.key) }
  },
  async finished({ key }) {
    return files.transfer(key)!.finished.then(
      ({ path, root, bytesMoved, wasThere }): Ended => ({
        path,
        root,
        bytesMoved,
        ...(wasThere && { wasThere }),
      }),
      ({ code, resumable }: FileTransferError): Ended => ({ code, resumable }),
    )
  },
  async transfers() {
    return files.transfers().map(({ key, state, filename, filesize, progress: { bytes } }) => ({
      key,
      state,
      filename,
      bytes,
      ...(filesize !== undefined && { filesize }),
    }))
  },
  async cut() {
    const { socket } = entity as unknown as { socket: { destroy(): void } }
    socket.destroy()
    return null
  },
  async say({ to, payload }) {
    return request(entity, { to, type: 'set', payload: parseXml(payload) }).then(
      () => 'result',
      ({ condition, type, code }) => (condition ? `${condition}/${type}` : code),
    )
  },
  async firewall({ isUp }) {
    firewall.isUp = isUp
    return null
  },
  async holdUp(heldUp) {
    holdUp(heldUp)
    return null
  },
  async letGo() {
    holdUp(undefined)
    return null
  },
  async crash(point) {
    crashAt(point)
    return null
  },
  async trust({ peer, device, ...options }) {
    await files.trust.trust(peer, device, options)
    return null
  },
  async distrust({ peer, device }) {
    await files.trust.forget(peer, device)
    return null
  },
  async refuse() {
    for (const question of files.trust.unknown()) await question.refuse()
    return null
  },
  async said() {
    return said
  },
  async address() {
    return String(entity.jid)
  },
  async stop() {
    await files?.stop()
    await entity?.stop()
    return null
  },
}

function watch(transfer: Transfer): void {
  tell('transfer', { key: transfer.key, direction: transfer.direction })
  if (watched.has(transfer)) return
  watched.add(transfer)
  transfer.on('state', (state, why) =>
    tell('state', { key: transfer.key, state, ...(why && { code: why.code }) }),
  )
  transfer.on('queue', (place) => tell('queue', { key: transfer.key, place }))
  transfer.on('progress', (progress) => tell('progress', { key: transfer.key, progress }))
  if (manners.counters === undefined) return
  transfer.on('counter', (counter) => {
    tell('counter', { key: transfer.key, filesize: counter.filesize })
    return manners.counters === 'accept' ? counter.accept() : counter.block()
  })
}

async function answerOffer(offer: Offer): Promise<void> {
  const { sid, peer, filename, filesize, description, deviceLook } = offer
  offers.set(sid, offer)
  offer.gone.addEventListener('abort', () => tell('gone', { sid, code: offer.gone.reason.code }))
  tell('offer', { sid, peer, filename, filesize, deviceLook, ...(description && { description }) })
  if (manners.offers === 'decline') await offer.decline()
  else if (manners.offers !== undefined && manners.offers !== 'ask') await offer.accept(manners.offers)
}

async function answerRequest(asked: Parameters<Parameters<typeof files.on<'request'>>[1]>[0]): Promise<void> {
  const { sid, peer, filename, filebytesdone } = asked
  tell('request', { sid, peer, filename, filebytesdone })
  const { requests } = manners
  if (requests === 'decline') await asked.decline('user')
  else {
    await asked.accept(join(requests!.serve, filename)).catch((error: FileTransferError) => {
      if (error.code !== 'file-missing') throw error
      return asked.decline('not-found')
    })
  }
}

process.on('message', ({ n, order, words }: { n: number; order: Order; words: never }) => {
  follow[order](words).then(
    (gives) => process.send!({ n, gives }),
    (error) => {
      const code = error instanceof FileTransferError ? error.code : undefined
      process.send!({ n, error: { code, message: String(error?.stack ?? error) } })
    },
  )
})
// Without the test there is nothing to do.
process.on('disconnect', () => process.exit(0))
