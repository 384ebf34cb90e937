/** One end by the plugin's public API: an account's session on the server, the plugin, one transfer. */

import { createClientEntity, fileTransfer, type Offer, type Transfer } from '../../client-plugin/index.js'
import { ownPeakMemoryMiB } from '../measured-process.js'
import { EndClock, say, timeNow, told } from './end.js'

const role = process.argv[2] as 'sending' | 'receiving'
const { SERVICE, COMPONENT, JID, PASSWORD, STATE, PEER, SOURCE, INTO, BREAK_AT } = process.env
process.on('disconnect', () => process.exit())

const clock = new EndClock()
const again = told<void>('resume')
const begin = told<void>('begin')
const send = told<void>('send')

const entity = createClientEntity({ jid: JID!, password: PASSWORD!, service: SERVICE! })
entity.on('error', () => undefined)
await entity.start()
const files = fileTransfer(entity, {
  component: COMPONENT!,
  state: STATE!,
  allowLoopback: true,
  offersFrom: 'everybody',
  listen: { host: '127.0.0.1' },
})
const offered = new Promise<Offer>((resolve) => files.on('offer', resolve))
await files.ready
say('ready', await ownPeakMemoryMiB())

const transfer = await Promise.race([again.then(resumed), role === 'sending' ? sent() : accepted()])
const { bytesMoved } = await transfer.finished
say('finished', { at: timeNow(), bytesMoved })
say('used', await clock.used())

async function sent(): Promise<Transfer> {
  await send
  const transfer = await files.send(PEER!, [SOURCE!])
  void begin.then(() => clock.begin())
  return transfer
}

async function accepted(): Promise<Transfer> {
  const offer = await offered
  say('offered', true)
  await begin
  clock.begin()
  say('begun', timeNow())
  const transfer = await offer.accept({ into: INTO! })
  watch(transfer)
  return transfer
}

async function resumed(): Promise<Transfer> {
  clock.begin()
  say('begun', timeNow())
  const [transfer] = await files.resume()
  watch(transfer!)
  return transfer!
}

/**
 * Says when the first byte was there; where it is to break, ends this process with no warning. The event `progress` comes
 * some ten times a second, so it looks by itself, until it has seen what it waits for.
 */
function watch(transfer: Transfer): void {
  let isFirst = true
  const looking = setInterval(() => {
    const { bytes, total, resumedFrom } = transfer.progress
    if (isFirst && bytes > resumedFrom) {
      isFirst = false
      say('firstByte', { at: timeNow() })
      if (BREAK_AT === undefined) clearInterval(looking)
    }
    if (BREAK_AT !== undefined && bytes >= Number(BREAK_AT) * total) process.kill(process.pid, 'SIGKILL')
  }, 1)
}
