/** Slows a command down without a hook in it: it is stopped and let go many times a second. */
import type { Report } from '../cli/words.js'
import type { ChildCommand } from './child-command.js'

const runningMs = 6
/** The way to the first byte is no show: until then it runs for a third of the time, so that it cannot be through before it is seen. */
const stoppedMs = { before: 12, moving: 60 }

/** Begins as soon as the command is connected, or at once where it is, and in earnest when bytes move. @returns what lets it run freely again */
export function holdBack(child: ChildCommand): () => void {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let over = false
  let isMoving = false
  const turn = () => {
    if (over) return
    stopped = !stopped
    child.kill(stopped ? 'SIGSTOP' : 'SIGCONT')
    timer = setTimeout(turn, stopped ? stoppedMs[isMoving ? 'moving' : 'before'] : runningMs)
  }
  const begin = ({ report }: Report) => {
    if (report === 'progress') isMoving = true
    if (report === 'connected' && timer === undefined) turn()
  }
  child.onReport(begin)
  for (const report of child.reports) begin(report)
  const release = () => {
    over = true
    clearTimeout(timer)
    child.kill('SIGCONT')
  }
  child.ended.then(release)
  return release
}
