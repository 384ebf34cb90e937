/** The command line of a bench: whole numbers by name, lists, a file, and `--json`. One line and exit code 2 when it is wrong. */

import { parseArgs } from 'node:util'

export interface BenchOptions {
  json: boolean
  numbers: Record<string, number>
  /** Values of `--only`, in order; empty when it was not given. */
  only: string[]
  /** Value of `--file`. */
  file: string | undefined
  /** Value of `--cluster`. */
  cluster: string | undefined
}

/** Reads argv; every number of `defaults` is an option `--name N` of at least 1. */
export function readOptions(usage: string, defaults: Record<string, number>): BenchOptions {
  try {
    const numeric = Object.keys(defaults).map((name) => [name, { type: 'string' as const }])
    const { values } = parseArgs({
      options: {
        ...(Object.fromEntries(numeric) as Record<string, { type: 'string' }>),
        only: { type: 'string' as const },
        file: { type: 'string' as const },
        cluster: { type: 'string' as const },
        json: { type: 'boolean' as const, default: false },
        help: { type: 'boolean' as const, default: false },
      },
    })
    if (values.help) leave(0, usage)
    const numbers: Record<string, number> = {}
    for (const [name, standard] of Object.entries(defaults)) {
      const given = (values as Record<string, unknown>)[name]
      const number = given === undefined ? standard : Number(given)
      if (!Number.isSafeInteger(number) || number < 1)
        leave(2, `--${name} wants a whole number of at least 1`)
      numbers[name] = number
    }
    const only = typeof values.only === 'string' ? values.only.split(',') : []
    const file = typeof values.file === 'string' ? values.file : undefined
    const cluster = typeof values.cluster === 'string' ? values.cluster : undefined
    return { json: values.json === true, numbers, only, file, cluster }
  } catch (error) {
    return leave(2, `${(error as Error).message}\n${usage}`)
  }
}

function leave(code: number, line: string): never {
  process.stderr.write(`${line}\n`)
  process.exit(code)
}
