/** Options that several commands share. */
import { Option } from 'commander'

export const intoOption = () =>
  new Option('--into <dir>', 'the folder to put files in').default('.', 'this folder')

export const conflictOption = () =>
  new Option(
    '--on-conflict <what>',
    'when a file of that name is there: put `name (1)` beside it, leave it, or go on from what it holds',
  )
    .choices(['rename', 'skip', 'resume'])
    .default('rename')
