/**
 * `npm start`: something that runs and stays up. With a component configured (its usual file, or the
 * environment) it is that component; else a private Prosody with the component and two accounts to play with.
 */
import { spawn } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { usualConfig } from '../cli/commands/component.js'
import { commandFile } from './child-command.js'
import { type Playground, startPlayground } from './playground.js'
import { ProsodyFailed } from './private-prosody.js'
import { reviving } from './reviving.js'

/** Any of these says that somebody has a server of their own. */
const configured = ['JABBERFS_COMPONENT_CONFIG', 'JABBERFS_COMPONENT_SERVER', 'JABBERFS_COMPONENT_SECRET']

if (usualConfig() !== undefined || configured.some((name) => process.env[name])) runConfigured()
else await play()

function runConfigured(): void {
  const child = spawn(process.execPath, [commandFile, 'component'], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  child.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}

async function play(): Promise<void> {
  const dir = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '.jabberfs')
  const lock = join(dir, 'start.pid')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const other = lockOrOther(lock)
  if (other !== undefined) {
    console.error(`npm start runs already (process ${other}): go to its terminal, or end it first.`)
    process.exitCode = 13
    return
  }
  // Where the terminal was closed there is nobody to tell, and all the same an order to keep.
  for (const out of [process.stdout, process.stderr]) out.on('error', () => {})
  const asked = new Promise<void>((resolve) => {
    // They stay heard: a second Ctrl-C would otherwise leave the two accounts' files behind.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
  })
  const revival = reviving((line) => console.error(line))
  let playground: Playground
  try {
    const started = await Promise.race([
      startPlayground({ dir, prosody: { onEnded: revival.onEnded } }),
      revival.failed,
      asked,
    ])
    if (started === undefined) process.exit(130)
    playground = started
  } catch (error) {
    if (!(error instanceof ProsodyFailed)) throw error
    console.error(error.message)
    process.exit(5)
  }
  revival.watch(playground.prosody)
  sayWhatToType(playground)
  const failure = await Promise.race([asked, revival.failed.catch((error: Error) => error)])
  revival.stop()
  if (failure === undefined) console.log('\nstopping')
  else console.error(failure.message)
  await playground.stop()
  process.exit(failure === undefined ? 0 : 5)
}

function sayWhatToType({ prosody, componentLog, faust, mephisto }: Playground): void {
  const here = (path: string) => relative(process.cwd(), path)
  console.log(`
jabberFS is up: Prosody at ${prosody.service}, with the component
${prosody.componentDomain}. Two people live there, ${faust.jid} and
${mephisto.jid}.

In a second terminal, in this folder, you are mephisto and wait for files:

  export JABBERFS_CONFIG=${here(mephisto.config)}
  npx jabberfs receive --into /tmp

In a third you are faust and offer one:

  export JABBERFS_CONFIG=${here(faust.config)}
  npx jabberfs send README.md ${mephisto.jid}

Answer y in the second. Try a large file, press Ctrl-C in the middle on either
side, and go on in the same terminal with

  npx jabberfs resume

Or share a folder: end mephisto's \`receive\` with Ctrl-C, then

  npx jabberfs share docs --tag papers

and as faust look for something in it, and get the first that is found:

  npx jabberfs search protocol
  npx jabberfs get 1 --into /tmp

The component's log is ${componentLog}.
Ctrl-C here ends all of it and removes the two accounts.
`)
}

/** Takes the lock, for as long as this process lives. @returns the process id of another `npm start` in this folder, if it has it. */
function lockOrOther(lock: string): number | undefined {
  const own = `${lock}.${process.pid}`
  writeFileSync(own, `${process.pid}\n`)
  try {
    for (;;) {
      try {
        linkSync(own, lock)
        process.once('exit', () => rmSync(lock, { force: true }))
        return undefined
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        const other = runningOther(lock)
        if (other !== undefined) return other
        rmSync(lock, { force: true })
      }
    }
  } finally {
    rmSync(own, { force: true })
  }
}

/** @returns the process id of another `npm start` in this folder, if one lives. */
function runningOther(lock: string): number | undefined {
  let pid: number
  try {
    pid = Number(readFileSync(lock, 'utf8'))
    process.kill(pid, 0)
  } catch {
    return undefined
  }
  // The number may have gone to somebody else since.
  const line = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : 'start.js'
  return line.includes('start.js') ? pid : undefined
}
