/**
 * `component`: runs the service. Configured by a file and the environment (which has the last word), with all
 * faults told at once; the log is JSON lines on stdout; SIGTERM and Ctrl-C end it in order.
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { ConfigFailed, RunningComponent } from '../../component/index.js'
import { exits } from '../exit-codes.js'
import { CommandFailed } from '../failure.js'
import { showable } from '../showable.js'

/** Adds the command. */
export function addComponent(program: Command): void {
  program
    .command('component')
    .description('run the component that mediates transfers, beside an XMPP server')
    .option(
      '--config <file>',
      'its configuration (TOML); default ~/.config/jabberfs/component.toml, if it exists',
    )
    .action(async ({ config }: { config?: string }) => {
      const json = program.opts<{ json?: boolean }>().json === true
      // Who offers what to whom is for nobody else on this machine, whatever the folder's own mode is.
      process.umask(0o077)
      const component = await start(config ?? process.env.JABBERFS_COMPONENT_CONFIG, json)
      const signal = await untilSignal()
      process.on(signal, () => process.exit(exits.interrupted.exit))
      await component.stop()
      process.exitCode = exits.done.exit
    })
}

/** The file that is read when none is named: undefined when there is none. */
export function usualConfig(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const file = join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'jabberfs', 'component.toml')
  return existsSync(file) ? file : undefined
}

async function start(named: string | undefined, json: boolean): Promise<RunningComponent> {
  const file = named ?? usualConfig()
  // Loaded only here, so that the other commands start faster.
  const { ConfigFailed, environmentName, readConfig, settings, StoreFailed, startComponent } = await import(
    '../../component/index.js'
  )
  try {
    const config = readConfig({ file, env: process.env })
    const known = new Set(['JABBERFS_COMPONENT_CONFIG', ...Object.keys(settings).map(environmentName)])
    for (const name of Object.keys(process.env)) {
      // Not refused as it would be in the file: some who run programs put variables of theirs beside ours.
      if (!name.startsWith('JABBERFS_COMPONENT_') || known.has(name)) continue
      process.stderr.write(`jabberfs: ${showable(name)} is not a setting, and is passed over.\n`)
    }
    return await startComponent(config)
  } catch (error) {
    if (error instanceof ConfigFailed) {
      throw wrongConfig(error, json)
    }
    if (error instanceof StoreFailed) {
      const inUse = error.code === 'state-in-use'
      throw new CommandFailed(
        inUse ? 'state-in-use' : 'state-unusable',
        `The component's state cannot be used (${error.code}): ${error.message.replace(/\.$/, '')}.`,
        inUse ? 'End the other process, or name another folder.' : 'Check the folder that `state` names.',
        { cause: error },
      )
    }
    throw error
  }
}

/** One fault is said with the failure; of several each has a line of its own before it. A program gets them as one text. */
function wrongConfig(error: ConfigFailed, json: boolean): CommandFailed {
  const { faults } = error
  let says = `The component's configuration is wrong: ${faults.join('; ')}.`
  if (faults.length > 1 && !json) {
    for (const fault of faults) process.stderr.write(`jabberfs: ${showable(fault, 2_000)}\n`)
    says = `The component's configuration has these ${faults.length} faults.`
  }
  return new CommandFailed('bad-config', says, 'docs/operating.md shows one that works.', { cause: error })
}

function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(signal))
  })
}
