/** One question on a terminal, answered by a word or its first letters. */
import { createInterface } from 'node:readline'
import type { Answer } from './screen.js'

/** What does not say it all by itself; shown where something else was typed. */
const meanings: Partial<Record<Answer, string>> = {
  always: 'always: this, and whatever they offer while this runs',
  later: 'later: it is left as it is, and asked about again',
}

/**
 * Asks until one of the answers is typed. Ctrl-C (which interrupts the command too), an abort of the signal and the
 * end of the input (Ctrl-D) mean `later`.
 */
export function askOn(
  { input, output }: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream },
  question: string,
  answers: Answer[],
  signal?: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    const lines = createInterface({ input, output })
    let answered = false
    // A page is turned by the enter key alone.
    const pages = answers.includes('more')
    const end = (answer: Answer) => {
      if (answered) return
      answered = true
      signal?.removeEventListener('abort', onAbort)
      lines.close()
      resolve(answer)
    }
    const onAbort = () => {
      if (!answered) output.write('\n')
      end('later')
    }
    const keys = answers.map((answer) => `[${answer[0]}]${answer.slice(1)}`).join(' ')
    lines.on('SIGINT', () => {
      // What comes next, the shell's prompt too, begins on a line of its own.
      if (!answered) output.write('\n')
      end('later')
      process.kill(process.pid, 'SIGINT')
    })
    // Ctrl-D: the reader closes by itself, and no answer will come.
    lines.once('close', () => {
      if (!answered) output.write(pages ? '\n' : '\nleft for later\n')
      end('later')
    })
    signal?.addEventListener('abort', onAbort, { once: true })
    const ask = () =>
      lines.question(`${question} ${keys} `, (text) => {
        const typed = text.trim().toLowerCase()
        const answer = answers.find((each) => typed !== '' && each.startsWith(typed))
        if (answer) end(answer)
        else if (typed === '' && pages) end('more')
        else {
          const said = answers.flatMap((each) => meanings[each] ?? []).join('\n  ')
          if (typed !== '' && said !== '') output.write(`  ${said}\n`)
          ask()
        }
      })
    ask()
  })
}
