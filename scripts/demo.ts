/**
 * `npm run demo`: faust sends a file to mephisto through the component on a real Prosody; in the middle both ends
 * are killed with -9; started again they go on from what was proven; the file arrives and is compared. Then mephisto
 * shares a folder, and faust finds something in it and gets it.
 *
 * Everything in it is real: two processes of the command as people run it, their sockets, their journals. Only
 * the pace is not: the sender is held back (stopped and let go many times a second), to be slow enough to watch.
 */
import { createHash, randomFillSync } from 'node:crypto'
import { mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { bytesText } from '../cli/units.js'
import type { Report } from '../cli/words.js'
import { type ChildCommand, startCommand } from './child-command.js'
import { showSharing, writeSongs } from './demo-sharing.js'
import { openStage } from './demo-stage.js'
import { holdBack } from './hold-back.js'
import { type Person, type Playground, startPlayground } from './playground.js'
import { ProsodyFailed } from './private-prosody.js'

const fileName = 'walpurgis-night.mkv'
const fileBytes = 96 * 1024 * 1024
/** Where the hammer falls. */
const breakAt = 0.45
const patienceMs = 60_000

type Finished = Extract<Report, { report: 'finished' }>
type Progress = Extract<Report, { report: 'progress' }>

const began = Date.now()
let ending = false
const stage = openStage()
let playground: Playground | undefined
const impatience = setTimeout(
  () => fail(new Error(`nothing came of it in ${patienceMs / 1000} s`)),
  patienceMs,
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(130))

try {
  stage.chapter('A private Prosody with the jabberFS component, and faust and mephisto on it')
  playground = await startPlayground()
  await show(playground)
  await end(0)
} catch (error) {
  await fail(error)
}

async function show(playground: Playground): Promise<void> {
  const { prosody, faust, mephisto } = playground
  const source = join(prosody.dir, fileName)
  const into = join(prosody.dir, 'received')
  mkdirSync(into)
  const sum = writeRandomFile(source)
  writeSongs(playground)

  stage.chapter(`faust offers ${fileName} (${bytesText(fileBytes)} of random data); mephisto accepts`)
  const first = {
    mephisto: await receiveAs(mephisto, faust, into),
    faust: startCommand(['--json', 'send', source, mephisto.jid], envOf(faust)),
  }
  const release = holdBack(first.faust)
  stage.follow(first)
  const seen = (await first.mephisto.until(
    (report) => report.report === 'progress' && report.bytes >= breakAt * report.total,
  )) as Progress
  release()

  stage.chapter(
    `The connection breaks: kill -9 for both ends, at ${Math.floor((100 * seen.bytes) / seen.total)} %`,
  )
  for (const child of [first.faust, first.mephisto]) child.kill('SIGKILL')
  await Promise.all([first.faust.ended, first.mephisto.ended])

  stage.chapter('Both are started again; nobody offers or accepts anything anew')
  const second = {
    mephisto: await receiveAs(mephisto, faust, into),
    faust: startCommand(['--json', 'resume'], envOf(faust)),
  }
  const releaseAgain = holdBack(second.faust)
  stage.follow(second)
  const resumed = (await second.mephisto.until((report) => report.report === 'progress')) as Progress
  const isFinished = (report: Report) => report.report === 'finished'
  const [arrived, sent] = (await Promise.all([
    second.mephisto.until(isFinished),
    second.faust.until(isFinished),
  ])) as [Finished, Finished]
  releaseAgain()
  stage.stopFollowing()
  await second.faust.ended

  const same = sumOf(arrived.path) === sum
  stage.chapter(same ? 'It arrived, and the two files are identical' : 'THE FILES DIFFER')
  stage.facts([
    ['when it was killed', `mephisto held ${bytesText(seen.bytes)}, proven block by block`],
    [
      'it went on from',
      `${bytesText(resumed.resumedFrom)}, hashed again first (filebytesdone ${resumed.resumedFrom})`,
    ],
    ['sent the second time', `${bytesText(sent.bytesMoved)} of ${bytesText(fileBytes)}`],
    ['root of the blocks', `${arrived.root.slice(0, 16)}… (BLAKE3, compared by both ends)`],
    ['SHA-256 of both files', `${sum.slice(0, 16)}… (compared here)`],
  ])
  if (!same) throw new Error('the file that arrived is not the file that was sent')

  await showSharing(playground, stage)
  second.mephisto.kill()
  await second.mephisto.ended
  stage.note(`\nAll in all ${((Date.now() - began) / 1000).toFixed(1)} s.`)
  stage.note(`
To try next:
  npm start           a server with two accounts; it prints what to type
  npm test            every promise, tested
  docs/protocol.md    what goes over the wire
  docs/sharing.md     folders, searches, and the rest of the command
  docs/operating.md   the component on your own server`)
}

async function receiveAs(mephisto: Person, faust: Person, into: string): Promise<ChildCommand> {
  const child = startCommand(['--json', 'receive', '--from', faust.jid, '--into', into], envOf(mephisto))
  await child.until((report) => report.report === 'listening')
  return child
}

function envOf(person: Person): { env: Record<string, string> } {
  return { env: { JABBERFS_CONFIG: person.config } }
}

/** @returns its SHA-256. */
function writeRandomFile(path: string): string {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(8 * 1024 * 1024)
  const fd = openSync(path, 'wx', 0o600)
  for (let written = 0; written < fileBytes; written += piece.length) {
    randomFillSync(piece)
    hash.update(piece)
    writeSync(fd, piece)
  }
  return hash.digest('hex')
}

function sumOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

async function fail(error: unknown): Promise<void> {
  // What falls over while everything is being ended is no news.
  if (ending) return
  stage.stopFollowing()
  const hint = error instanceof ProsodyFailed ? '' : `\n${(error as Error).stack}`
  console.error(`\nThe demo failed: ${(error as Error).message}${hint}`)
  if (playground)
    console.error(readFileSync(playground.componentLog, 'utf8').split('\n').slice(-12).join('\n'))
  await end(1)
}

async function end(exit: number): Promise<void> {
  if (ending) return
  ending = true
  clearTimeout(impatience)
  stage.stopFollowing()
  await playground?.stop()
  // A child that is left goes by the exit hooks.
  process.exit(exit)
}
