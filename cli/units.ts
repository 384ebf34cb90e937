/** Bytes, rates and times as people read them. */

const names = ['B', 'kB', 'MB', 'GB', 'TB']

/** `35.0 kB`: powers of ten, three figures. */
export function bytesText(bytes: number): string {
  let value = bytes
  let at = 0
  while (value >= 999.5 && at < names.length - 1) {
    value /= 1000
    at++
  }
  const digits = at === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)} ${names[at]}`
}

/** `85.2 MB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`
}

/** `0:07`, `12:30`, `3:05:00`; `-:--` when nobody knows. */
export function durationText(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '-:--'
  const whole = Math.min(Math.ceil(seconds), 359_999)
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** `1,205`, `1,205 files`, `1 file`. */
export function countText(count: number, what?: string): string {
  const digits = String(Math.trunc(count)).replace(/\B(?=(\d{3})+$)/g, ',')
  return what === undefined ? digits : `${digits} ${what}${count === 1 ? '' : 's'}`
}

/** `2002-02-11`, in UTC as everywhere; empty where nobody knows. */
export function dayText(secondsSince1970: number): string {
  const date = new Date(secondsSince1970 * 1000)
  return secondsSince1970 <= 0 || Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10)
}
