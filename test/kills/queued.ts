/**
 * An offer to somebody who is not there, and kills at any moment of its long way: while it is made, while it waits, while it is
 * delivered, accepted without its author, and at last sent. What was said to stand stands, arrives once, and nothing is left over
 * (P6, P7, P19; cases 23 and 81).
 */

import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ChildCommand } from '../../scripts/child-command.js'
import { backWithinMs, settled, succeeds, until, withinPatience } from './patience.js'
import type { Draw } from './story.js'
import type { Town } from './town.js'

export type QueuedVictim = 'author' | 'recipient' | 'component' | 'prosody'

/** Sends it and kills once in each part of the way. @returns who was killed. @throws what did not hold */
export async function tellQueued(
  town: Town,
  draw: Draw,
  blocks: number,
  leniency = 1,
): Promise<QueuedVictim[]> {
  const content = randomBytes(blocks * 2 ** 20 - draw(2 ** 20))
  const name = `queued-${draw(2 ** 31)}.bin`
  const source = join(town.prosody.dir, name)
  writeFileSync(source, content)
  const hit: QueuedVictim[] = []
  const running = new Set<ChildCommand>()
  const run = (child: ChildCommand) => {
    running.add(child)
    void child.ended.then(() => running.delete(child))
    return child
  }
  const killed = async (child: ChildCommand, victim: QueuedVictim) => {
    if (!running.has(child)) return
    child.kill('SIGKILL')
    await child.ended
    hit.push(victim)
  }
  /** One of what stands between the two. */
  const killBetween = async () => {
    if (draw(2) === 0) {
      hit.push('component')
      await town.killComponent()
      town.startComponent()
    } else {
      hit.push('prosody')
      await town.prosody.kill()
      await town.prosody.restart()
    }
    await town.isServed(1.5 * backWithinMs * leniency)
  }
  const standing = async () => {
    const listing = town.asFaust('transfers')
    await succeeds(listing)
    return listing.reports.filter(({ report }) => report === 'transfer').length
  }

  try {
    // While it is made: it stands, or nobody was told that it does.
    const offering = run(town.asFaust('send', source, town.mephisto, '--wait', '0'))
    await Promise.race([wait(150 + draw(700)), offering.ended])
    const wasSaid = offering.reports.some((each) => each.report === 'failed' && each.code === 'unanswered')
    await killed(offering, 'author')
    const count = await standing()
    if (count > 1 || (wasSaid && count === 0)) throw new Error(`${count} offers stand: ${offering.output()}`)
    // One that is only in the journal has still to be said.
    const again = count === 0 ? ['send', source, town.mephisto] : ['resume']
    const { code } = await withinPatience(run(town.asFaust(...again, '--wait', '0')).ended)
    if (code !== 18) throw new Error(`the offer ended with ${code}`)

    // While it waits for somebody.
    await killBetween()

    // While it is delivered, and accepted without its author.
    const receive = () => run(town.asMephisto('receive', '--from', town.faust, '--into', town.into))
    let recipient = receive()
    const isOffered = recipient.until(({ report }) => report === 'offer')
    isOffered.catch(() => {})
    await Promise.race([wait(draw(900)), isOffered])
    if (draw(3) > 0) await killed(recipient, 'recipient')
    else await killBetween()
    if (!running.has(recipient)) recipient = receive()
    const isHeld = recipient.until((each) => each.report === 'state' && each.state === 'waiting')
    isHeld.catch(() => {})
    await Promise.race([wait(draw(2_500)), isHeld])

    // While its author comes back and sends it.
    let author = run(town.asFaust('serve'))
    await wait(draw(1_200))
    const last = draw(4)
    if (last === 0) await killed(author, 'author')
    else if (last === 1) await killed(recipient, 'recipient')
    else await killBetween()
    if (!running.has(author)) author = run(town.asFaust('serve'))
    if (!running.has(recipient)) recipient = receive()
    await until(() => readdirSync(town.into).includes(name), 'it does not arrive', author, recipient)
    await Promise.all([settled(() => town.asMephisto('transfers')), settled(() => town.asFaust('transfers'))])
  } finally {
    const left = [...running]
    for (const child of left) child.kill('SIGKILL')
    await Promise.all(left.map(({ ended }) => ended))
  }

  const received = readdirSync(town.into)
  if (received.length !== 1 || received[0] !== name) throw new Error(`received: ${received.join(', ')}`)
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  if (digest(readFileSync(join(town.into, name))) !== digest(content)) throw new Error('the file differs')
  for (const path of [source, join(town.into, name)]) rmSync(path)
  return hit
}
