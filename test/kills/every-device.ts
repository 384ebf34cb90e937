/**
 * One file for two devices of a person, and what is killed meanwhile. At the end each has it, identical and once, nothing is left
 * over on any side, and not more than 9 MiB were sent again to each for each kill (P1, P4, P6, P19; case 81).
 */

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../../cli/words.js'
import { blocksHeldIn } from './held.js'
import { backWithinMs, settled, succeeds, until, withinPatience } from './patience.js'
import type { Draw } from './story.js'
import { bytesWrittenBy, holdBack, type Town } from './town.js'

export type EveryVictim = 'sender' | 'desk' | 'phone' | 'component' | 'prosody'
export const everyVictims: readonly EveryVictim[] = ['sender', 'desk', 'phone', 'component', 'prosody']

const mebibyte = 2 ** 20
const isMoving = (report: Report) => report.report === 'state' && report.state === 'moving'

/** Sends it and kills. @returns how many kills fell into the middle. @throws what did not hold */
export async function tellEvery(
  town: Town,
  draw: Draw,
  blocks: number,
  kills: number,
  leniency = 1,
): Promise<EveryVictim[]> {
  const content = randomBytes(blocks * mebibyte - draw(mebibyte))
  const name = `every-${draw(2 ** 31)}.bin`
  const source = join(town.prosody.dir, name)
  writeFileSync(source, content)
  const folders = { desk: town.into, phone: town.intoPhone }
  const begin = {
    desk: () => town.asMephisto('receive', '--from', town.faust, '--into', folders.desk),
    phone: () => town.asPhone('receive', '--from', town.faust, '--into', folders.phone),
  }
  const receiving = { desk: begin.desk(), phone: begin.phone() }
  await Promise.all(
    Object.values(receiving).map((child) => child.until(({ report }) => report === 'listening')),
  )
  let sender = town.asFaust('send', '--every-device', source, town.mephisto)
  await Promise.all(Object.values(receiving).map((child) => child.until(isMoving)))
  let brake = holdBack(sender)
  let written = 0
  const isThere = (device: 'desk' | 'phone') => existsSync(join(folders[device], name))
  const heldBy = (device: 'desk' | 'phone') => (isThere(device) ? blocks : blocksHeldIn(folders[device]))
  const held = () => heldBy('desk') + heldBy('phone')
  const all = () => [sender, receiving.desk, receiving.phone]
  const hit: EveryVictim[] = []
  const points = Array.from({ length: kills }, () => 1 + draw(2 * blocks - 24)).sort((a, b) => a - b)

  try {
    for (const point of points) {
      await until(() => held() >= point, 'it does not get on', ...all())
      const victim = everyVictims[draw(everyVictims.length)]!
      if (held() === 2 * blocks) break
      // What has its file is done with it.
      if ((victim === 'desk' || victim === 'phone') && isThere(victim)) continue
      if (victim === 'sender') {
        brake.release()
        sender.kill('SIGSTOP')
        written += bytesWrittenBy(sender)
        sender.kill('SIGKILL')
        await sender.ended
      } else if (victim === 'component') await town.killComponent()
      else if (victim === 'prosody') await town.prosody.kill()
      else {
        receiving[victim].kill('SIGKILL')
        await receiving[victim].ended
      }
      const before = held()
      if (before > 0 && before < 2 * blocks) hit.push(victim)
      const since = Date.now()
      if (victim === 'sender') {
        sender = town.asFaust('resume')
        await until(() => held() > before || before === 2 * blocks, 'the sender does not come back', ...all())
        brake = holdBack(sender)
      } else if (victim === 'desk' || victim === 'phone') {
        const own = heldBy(victim)
        receiving[victim] = begin[victim]()
        await until(
          () => heldBy(victim) > own || own === blocks,
          `the ${victim} does not come back`,
          ...all(),
        )
      } else {
        brake.restMs = 400
        if (victim === 'component') town.startComponent()
        else await town.prosody.restart()
        await town.isServed(1.5 * backWithinMs * leniency)
        brake.restMs = 25
      }
      const backMs = Date.now() - since
      if (backMs > backWithinMs * leniency) throw new Error(`${victim}: back after ${backMs} ms`)
    }
    brake.release()
    await withinPatience(
      sender.until(({ report }) => report === 'finished'),
      ...all(),
    )
    written += bytesWrittenBy(sender)
    await succeeds(sender)
    await until(() => isThere('desk') && isThere('phone'), 'not both have it', ...all())
    await Promise.all([settled(() => town.asMephisto('transfers')), settled(() => town.asPhone('transfers'))])
    // It stands for devices to come: it is taken back, and then nothing is left of it.
    const listing = town.asFaust('transfers')
    await succeeds(listing)
    const offers = listing.reports.filter((each) => each.report === 'transfer' && each.device === undefined)
    if (offers.length !== 1) throw new Error(`not one offer: ${listing.output()}`)
    await succeeds(town.asFaust('abort', (offers[0] as { key: string }).key))
    await settled(() => town.asFaust('transfers'))
  } finally {
    brake.release()
    for (const child of all()) child.kill('SIGKILL')
    await Promise.all(all().map(({ ended }) => ended))
  }

  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  for (const folder of Object.values(folders)) {
    const received = readdirSync(folder)
    if (received.length !== 1 || received[0] !== name) throw new Error(`received: ${received.join(', ')}`)
    if (digest(readFileSync(join(folder, name))) !== digest(content)) throw new Error('the file differs')
    rmSync(join(folder, name))
  }
  rmSync(source)
  const again = Math.max(0, written - 2 * content.length)
  if (again > 2 * Math.max(1, kills) * 9 * mebibyte) {
    throw new Error(`${again} bytes sent again in ${kills} kills`)
  }
  return hit
}
