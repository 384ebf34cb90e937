/** Times as people type them: `30s`, `5m`, `12h`, `7d`. None is longer than a week, as long as an offer may stand. */
import { InvalidArgumentError } from 'commander'

const longest = 7 * 86_400
const units: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
])

/** How long to wait: a number alone is seconds. @returns s, without end for `ever`. @throws InvalidArgumentError */
export function waitOf(text: string): number {
  if (text === 'ever') return Number.POSITIVE_INFINITY
  const seconds = secondsOf(/^\d+$/.test(text) ? `${text}s` : text)
  if (seconds <= longest) return seconds
  throw new InvalidArgumentError(
    'It takes seconds, minutes, hours or days (30s, 5m, 12h, 7d at most), or `ever`.',
  )
}

/** How long an offer stands. @returns s. @throws InvalidArgumentError */
export function lifeOf(text: string): number {
  const seconds = secondsOf(text)
  if (seconds >= 60 && seconds <= longest) return seconds
  throw new InvalidArgumentError('It takes minutes, hours or days: from 1m to 7d.')
}

/** NaN for what is no time. */
function secondsOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,7})([smhd])$/.exec(text) ?? []
  return Number(count) * (units.get(unit) ?? Number.NaN)
}
