/** Tables of the pages in docs/, read for the tests that hold the pages to the code. */

/** Gives the cells of each row of the table under a head, of this page; throws where there is none. */
export function tablesOf(page: string): (head: string) => string[][] {
  return (head) => {
    const [, body] = new RegExp(`^\\| ${head} \\|.*\\n\\|[-|]+\\|\\n((?:\\|.*\\n)+)`, 'm').exec(page) ?? []
    if (body === undefined) throw new Error(`no table ${head}`)
    return body
      .trim()
      .split('\n')
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
  }
}

/** A cell without its quotes. */
export const word = (cell: string) => cell.replaceAll('`', '')

/** A number as the pages write it. */
export const counts = (number: number) => number.toLocaleString('en')
