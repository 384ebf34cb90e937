/**
 * What a bench says at its end: rows of figures, ratios of ours over a named peer's, as text or as one
 * JSON object. A figure's key ends in its unit (`mbPerSecond`, `p99Ms`). A row is the median of its rounds,
 * figure by figure. It prints and asserts nothing.
 */

/** The figures of one row; a missing figure is left out, never zero. */
export type Figures = Record<string, number>

export interface Row {
  name: string
  /** What is no figure, by its column. */
  words?: Record<string, string>
  figures: Figures
}

export interface Report {
  /** What was measured, by which rule and where: lines for people. */
  notes: string[]
  rows: Row[]
  /** Ours over the named peer's, by the peer's name. */
  ratios: Record<string, number>
  /** Peers that could not run here, with the reason. */
  absent: Record<string, string>
}

/** The middle value; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: number[]): number {
  return quantile(values, 0.5)
}

/** The value below which the share `at` (0..1) of the values lies, linear between neighbours. NaN of none. */
export function quantile(values: number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const position = (sorted.length - 1) * at
  const low = sorted[Math.floor(position)] ?? Number.NaN
  const high = sorted[Math.ceil(position)] ?? Number.NaN
  return low + (high - low) * (position - Math.floor(position))
}

/** One row from the figures of several rounds: the median of each figure, and the spread of `spreadOf` if named. */
export function medianRow(name: string, rounds: Figures[], spreadOf?: string): Row {
  const figures: Figures = {}
  for (const key of new Set(rounds.flatMap((round) => Object.keys(round)))) {
    const values = rounds.map((round) => round[key]).filter((value) => value !== undefined)
    figures[key] = median(values)
    if (key === spreadOf && values.length > 1)
      figures.spreadPercent = ((Math.max(...values) - Math.min(...values)) / median(values)) * 100
  }
  return { name, figures }
}

/** Ours over the peer's in one figure, as the median of the ratios round by round (the rounds are interleaved). */
export function ratioByRound(ours: Figures[], peers: Figures[], key: string): number {
  const ratios: number[] = []
  for (let round = 0; round < Math.min(ours.length, peers.length); round++) {
    const [our, peer] = [ours[round]?.[key], peers[round]?.[key]]
    if (our !== undefined && peer) ratios.push(our / peer)
  }
  return median(ratios)
}

/** Prints the report on stdout: with `json` as one object, else as a table. */
export function printReport(report: Report, json: boolean): void {
  process.stdout.write(json ? `${asJson(report)}\n` : `${asText(report)}\n`)
}

function asJson({ notes, rows, ratios, absent }: Report): string {
  const flat = rows.map(({ name, words, figures }) => ({ name, ...words, ...roundAll(figures) }))
  return JSON.stringify({ rows: flat, ratios: roundAll(ratios), absent, notes }, null, 2)
}

/** What several rows have is a table; what one row alone has is said below it. */
function asText({ notes, rows, ratios, absent }: Report): string {
  const keys = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))]
  const isShared = (key: string) =>
    rows.length === 1 || rows.filter(({ figures }) => key in figures).length > 1
  const columns = keys.filter(isShared)
  const said = [...new Set(rows.flatMap(({ words = {} }) => Object.keys(words)))]
  const cells = [
    ['', ...said, ...columns],
    ...rows.map((row) => [
      row.name,
      ...said.map((key) => row.words?.[key] ?? '-'),
      ...columns.map((key) => cell(row, key)),
    ]),
  ]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  const table = cells.map((line) =>
    line.map((text, at) => (at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!))).join('  '),
  )
  const alone = rows.flatMap((row) => {
    const own = Object.keys(row.figures).filter((key) => !isShared(key))
    return own.length === 0 ? [] : [`${row.name}: ${own.map((key) => `${key} ${cell(row, key)}`).join(', ')}`]
  })
  const ours = Object.entries(roundAll(ratios)).map(([name, ratio]) => `${ratio} × ${name}`)
  const missing = Object.entries(absent).map(([name, why]) => `absent: ${name} (${why})`)
  return [
    ...notes,
    '',
    ...table,
    '',
    ...alone,
    ...(ours.length > 0 ? [`ours: ${ours.join(', ')}`] : []),
    ...missing,
  ].join('\n')
}

function cell(row: Row, key: string): string {
  const value = row.figures[key]
  return value === undefined || Number.isNaN(value) ? '-' : String(round(value))
}

function roundAll(figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures)
      .filter(([, value]) => Number.isFinite(value))
      .map(([key, value]) => [key, round(value)]),
  )
}

/** Three or four digits are more than such measurements are worth. */
function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
