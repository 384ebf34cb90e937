/** How reports reach the person or the program, and answers come back: what each kind of screen is (open-screen.ts). */
import type { Report, Trouble } from '../words.js'

export type Answer = 'yes' | 'no' | 'always' | 'later' | 'more' | 'quit'

export interface Screen {
  /** JSON lines: nothing is left out, nothing is asked. */
  readonly isForPrograms: boolean
  show(report: Report): void
  /** Shows why the command ends. */
  fail(trouble: Trouble): void
  /** One line that is neither a report nor an error. */
  note(text: string): void
  /** Asks; undefined where nobody can be asked. The question is fit for a terminal already. */
  ask?(question: string, answers: Answer[], signal?: AbortSignal): Promise<Answer>
  close(): void
}
