/** The file that a transfer sends: held open while attempts come and go, and looked at again before each (P5, case 96). */

import { rm } from 'node:fs'
import { openSource, ServeFailed, type Source, stillLooksSame } from '../../bytes/index.js'
import type { SourceMark } from '../journal/record.js'

/** From this size on hashes are kept for the next program, bytes. */
const notedBytes = 64 * 2 ** 20

export class KeptSource {
  #source: Source | undefined

  /** @param notes where hashes of the file are kept for the next program */
  constructor(readonly notes: () => string) {}

  /** Uses one that is open already. */
  keep(source: Source): void {
    this.#source = source
  }

  /** The file, open, and still what was offered. @throws ServeFailed `source-changed`, SourceFailed */
  async open({ identity, path }: SourceMark): Promise<Source> {
    if (!(await stillLooksSame(identity, path))) {
      throw new ServeFailed('source-changed', 'the source is no longer what was offered')
    }
    if (this.#source === undefined || this.#source.closed) this.#source = await openSource(path)
    // For small files reading again is quick; those of a share may be many.
    if (this.#source.filesize >= notedBytes) void this.#source.keepNotes(this.notes())
    return this.#source
  }

  close(): void {
    this.#source?.close()
    this.#source = undefined
  }

  /** A file of notes that cannot be removed takes some kilobytes, and is believed of nothing else. */
  forgetNotes(): void {
    rm(this.notes(), { force: true }, () => undefined)
  }
}
