/** `doctor`: what works, what does not, and what to do. */
import type { Command } from 'commander'
import type { GiveOrder } from './command-line.js'

/** Adds the command. */
export function addDoctor(program: Command, giveOrder: GiveOrder): void {
  program
    .command('doctor')
    .description('test each leg that transfers stand on, and say what does not work and what to do')
    .action(() => giveOrder({ order: 'doctor' }))
}
