/** Options that several commands share. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ListWish } from '../catalogue-words.js'

export const intoOption = () =>
  new Option('--into <dir>', 'the folder to put files in').default('.', 'this folder')

export const conflictOption = () =>
  new Option(
    '--on-conflict <what>',
    'when a file of that name is there: put `name (1)` beside it, leave it, or go on from what it holds',
  )
    .choices(['rename', 'skip', 'resume'])
    .default('rename')

/** For options that may be said again: each value joins those before it. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** How many a list has in a pipe where nothing else is said. */
const usualInPipe = 100
/** What a page leaves on the terminal for the head of the table, the question and a little air. */
const rowsBeside = 4

export interface ListOptions {
  max?: number
  all?: boolean
}

/** Adds `--max` and, where it has no other meaning, `--all`. */
export function addListOptions(
  command: Command,
  all: 'with --all' | 'without --all' = 'with --all',
): Command {
  command.option('--max <n>', 'show at most so many', countOf)
  return all === 'with --all' ? command.option('--all', 'show all there are, without asking') : command
}

/** On a terminal a list stops after each page and asks; in a pipe it has 100, or as many as were asked for. */
export function listWish({ max, all }: ListOptions, json: boolean): ListWish {
  if (max !== undefined) return { max }
  if (all) return {}
  const onTerminal = !json && process.stdin.isTTY === true && process.stdout.isTTY === true
  if (!onTerminal) return { max: usualInPipe }
  return { rows: Math.max(5, (process.stdout.rows ?? 24) - rowsBeside) }
}

function countOf(text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('It takes a number from 1.')
  return Number(text)
}
