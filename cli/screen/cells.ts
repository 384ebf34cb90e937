/**
 * Cells of a table: strangers' words cut to a width, escaped, and filled up. What a cell gives is fit for a terminal.
 * Where there is no width (a pipe), nothing is cut and nothing filled up: one space more than none parts the cells.
 */
import { columnsOf, showable } from '../showable.js'

/** Where a table goes. */
export interface Paper {
  /** Columns of the terminal; undefined in a pipe. */
  columns: number | undefined
  /** What is of less weight. Gets text that is shown already. */
  dim(text: string): string
  bold(text: string): string
}

export const plainPaper: Paper = { columns: undefined, dim: (text) => text, bold: (text) => text }

/** A terminal: ANSI only here. */
export function terminalPaper(columns: number): Paper {
  return {
    // The last column stays free: some terminals wrap when it is filled.
    columns: Math.max(40, columns - 1),
    dim: (text) => (text === '' ? '' : `\x1b[2m${text}\x1b[22m`),
    bold: (text) => (text === '' ? '' : `\x1b[1m${text}\x1b[22m`),
  }
}

export interface Cell {
  text: string
  /** Columns it has; undefined: as many as it takes. */
  width: number | undefined
  align?: 'left' | 'right'
  look?: (text: string) => string
}

/** The cells of one row beside each other, without spaces at the end. */
export function row(cells: Cell[], gap = '  '): string {
  const pieces = cells.map(({ text, width, align = 'left', look = (same) => same }) => {
    const shown = showable(text, width === undefined ? undefined : Math.max(1, width))
    const fill = ' '.repeat(Math.max(0, (width ?? 0) - columnsOf(shown)))
    return align === 'right' ? fill + look(shown) : look(shown) + fill
  })
  return pieces.join(gap).trimEnd()
}

/** Two texts in one cell, the second dim and only as far as there is room: a name, and the folder it is in. */
export function nameAndFolder(
  name: string,
  folder: string,
  width: number | undefined,
  { dim }: Paper,
): string {
  if (width === undefined) return folder === '' ? showable(name) : `${showable(name)}  ${showable(folder)}`
  const least = 12
  const shownName = showable(name, Math.max(1, width))
  const left = width - columnsOf(shownName) - 2
  if (folder === '' || left < least) return shownName + ' '.repeat(Math.max(0, width - columnsOf(shownName)))
  const shownFolder = showable(folder, left)
  return `${shownName}  ${dim(shownFolder)}${' '.repeat(Math.max(0, left - columnsOf(shownFolder)))}`
}
