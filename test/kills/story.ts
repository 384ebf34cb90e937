/**
 * One file on its way, and what is killed meanwhile. What must be true at the end is checked here, for the short run
 * in the suite and the long one alike: the file identical, once, nothing left over, `complete` on both sides, not more
 * than 9 MiB sent again for each kill, and the service back within ten seconds (P1, P4, P6, P19; case 81).
 */

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../../cli/words.js'
import type { ChildCommand } from '../../scripts/child-command.js'
import { blocksHeldIn } from './held.js'
import { backWithinMs, until, withinPatience } from './patience.js'
import { bytesWrittenBy, holdBack, type Town } from './town.js'

export type Victim = 'sender' | 'receiver' | 'component' | 'prosody'
export const victims: readonly Victim[] = ['sender', 'receiver', 'component', 'prosody']

/** A kill as it went. */
export interface Kill {
  victim: Victim
  /** Blocks that the receiver held then. */
  held: number
  /** Until bytes moved again (sender, receiver) or a newcomer was served (component, Prosody), ms. */
  backMs: number
}

export interface Told {
  kills: Kill[]
  /** Bytes that were sent more than once, and everything else the sender wrote: counted by the kernel. */
  bytesAgain: number
}

const mebibyte = 2 ** 20

const isMoving = (report: Report) => report.report === 'state' && report.state === 'moving'

/** A number from 0 up to `below`, from the seed. */
export type Draw = (below: number) => number

/**
 * Sends one file of `blocks` blocks and kills each victim in turn at a random point. Told are the kills that fell in the
 * middle: more than nothing was held, and less than all. @throws what did not hold
 */
export async function tell(
  town: Town,
  draw: Draw,
  blocks: number,
  plan: readonly Victim[],
  /** How much slower the machine may be than one that does nothing else. */
  leniency = 1,
): Promise<Told> {
  const content = randomBytes(blocks * mebibyte - draw(mebibyte))
  const name = `file-${draw(2 ** 31)}.bin`
  const source = join(town.prosody.dir, name)
  writeFileSync(source, content)
  const startReceiving = () => town.asMephisto('receive', '--from', town.faust, '--into', town.into)
  let receiver = startReceiving()
  await receiver.until(({ report }) => report === 'listening')
  let sender = town.asFaust('send', source, town.mephisto)
  await sender.until(isMoving)
  let brake = holdBack(sender)
  let written = 0
  const kills: Kill[] = []
  const isThere = () => existsSync(join(town.into, name))
  const movesAgain = (held: number) => blocksHeldIn(town.into) > held || isThere()
  const points = plan.map(() => 1 + draw(blocks - 12)).sort((one, other) => one - other)

  try {
    for (const [index, victim] of plan.entries()) {
      await until(
        () => blocksHeldIn(town.into) >= points[index]! || isThere(),
        'it does not get on',
        receiver,
        sender,
      )
      if (isThere()) break
      switch (victim) {
        case 'sender':
          // Stopped first, so that what it wrote can be read before it is gone.
          brake.release()
          sender.kill('SIGSTOP')
          written += bytesWrittenBy(sender)
          sender.kill('SIGKILL')
          await sender.ended
          break
        case 'receiver':
          receiver.kill('SIGKILL')
          await receiver.ended
          break
        case 'component':
          await town.killComponent()
          break
        case 'prosody':
          await town.prosody.kill()
          break
      }
      const held = blocksHeldIn(town.into)
      // What was on its way may have been the rest: then it was no kill in the middle, and does not count as one.
      const inTheMiddle = held > 0 && held < blocks
      const since = Date.now()
      if (victim === 'sender') {
        sender = town.asFaust('resume')
        await until(() => movesAgain(held), 'the sender does not come back', receiver, sender)
        brake = holdBack(sender)
      } else if (victim === 'receiver') {
        receiver = startReceiving()
        await until(() => movesAgain(held), 'the receiver does not come back', receiver, sender)
      } else {
        // Bytes go on meanwhile, but there must be some left for the next kill.
        brake.restMs = 400
        if (victim === 'component') town.startComponent()
        else await town.prosody.restart()
        await town.isServed(1.5 * backWithinMs * leniency)
        brake.restMs = 25
      }
      const backMs = Date.now() - since
      if (backMs > backWithinMs * leniency) throw new Error(`${victim}: back after ${backMs} ms`)
      if (inTheMiddle) kills.push({ victim, held, backMs })
    }
    brake.release()
    const isFinished = ({ report }: { report: string }) => report === 'finished'
    await withinPatience(Promise.all([receiver.until(isFinished), lastWord(sender)]), receiver, sender)
    written += bytesWrittenBy(sender)
    const { code } = await withinPatience(sender.ended, receiver, sender)
    if (code !== 0) throw new Error(`the sender ended with ${code}`)
  } finally {
    brake.release()
    for (const child of [sender, receiver]) child.kill('SIGKILL')
    await Promise.all([sender.ended, receiver.ended])
  }

  const received = readdirSync(town.into)
  if (received.length !== 1 || received[0] !== name) throw new Error(`received: ${received.join(', ')}`)
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  if (digest(readFileSync(join(town.into, name))) !== digest(content)) throw new Error('the file differs')
  for (const path of [source, join(town.into, name)]) rmSync(path)
  const bytesAgain = Math.max(0, written - content.length)
  if (bytesAgain > Math.max(1, plan.length) * 9 * mebibyte)
    throw new Error(`${bytesAgain} bytes sent again in ${plan.length} kills`)
  return { kills, bytesAgain }
}

/** The sender writes its last word and ends; what it wrote is read while it is still there. */
function lastWord(sender: ChildCommand): Promise<unknown> {
  return sender.until(({ report }) => report === 'finished')
}
