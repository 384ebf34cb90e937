/** Sizes as people write them: `>10M`, `+10M`, `<1G`, `-1G`, `10M..1G`; powers of ten, or of two with an i (`MiB`). */
import { CommandFailed } from '../failure.js'

export interface SizeRange {
  minSize?: number
  maxSize?: number
}

const units = ['', 'k', 'm', 'g', 't']
const written = /^(\d{1,15}(?:\.\d{1,6})?) ?(?:([kmgt]?)(i?)b?)$/i

/** @returns bytes, undefined where it is no size. */
function parseBytes(text: string): number | undefined {
  const match = written.exec(text.trim())
  if (!match) return undefined
  const [, number, unit = '', binary] = match
  if (binary && unit === '') return undefined
  const bytes = Math.round(Number(number) * (binary ? 1024 : 1000) ** units.indexOf(unit.toLowerCase()))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** @throws CommandFailed `usage` */
export function parseSizeRange(text: string): SizeRange {
  const range = readRange(text.trim())
  const { minSize = 0, maxSize = Number.MAX_SAFE_INTEGER } = range ?? {}
  if (range === undefined || minSize > maxSize || maxSize < 0) {
    throw new CommandFailed(
      'usage',
      `--size: “${text}” is no range of sizes.`,
      "Write it as 10M.. (and more), ..1G (and less), 10M..1G, or in quotes '>10M', '<1G'.",
    )
  }
  return range
}

function readRange(text: string): SizeRange | undefined {
  const [from, to, ...rest] = text.split('..')
  if (to !== undefined) {
    if (rest.length > 0 || (from === '' && to === '')) return undefined
    const minSize = from === '' ? undefined : parseBytes(from!)
    const maxSize = to === '' ? undefined : parseBytes(to)
    if ((from !== '' && minSize === undefined) || (to !== '' && maxSize === undefined)) return undefined
    return { ...(minSize === undefined ? {} : { minSize }), ...(maxSize === undefined ? {} : { maxSize }) }
  }
  const [, sign, size] = /^(>=?|<=?|\+|-)(.*)$/.exec(text) ?? []
  const bytes = size === undefined ? undefined : parseBytes(size)
  if (bytes === undefined) return undefined
  if (sign === '>') return { minSize: bytes + 1 }
  if (sign === '<') return { maxSize: bytes - 1 }
  return sign === '>=' || sign === '+' ? { minSize: bytes } : { maxSize: bytes }
}
