/** Several transfers in one command: the first that is not done speaks for all. */
import { exits } from '../exit-codes.js'

/** @returns the exit code of the command. */
export function worst(codes: number[]): number {
  return codes.find((code) => code !== exits.done.exit) ?? exits.done.exit
}
