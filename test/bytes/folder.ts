/**
 * A temporary folder for one test, with files of known content in it; gone afterwards.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom } from './random.js'

export class Folder {
  readonly path: string
  /** Where files are received. */
  readonly inbox: string

  constructor(base = tmpdir()) {
    this.path = mkdtempSync(join(base, 'jabberfs-bytes-'))
    this.inbox = this.folder('inbox')
  }

  at(name: string): string {
    return join(this.path, name)
  }

  folder(name: string): string {
    const path = join(this.path, name)
    mkdirSync(path, { recursive: true })
    return path
  }

  /** Writes a file of random bytes; gives its content. */
  file(name: string, bytes: number, seed = 1): Buffer {
    const content = createRandom(seed).bytes(bytes)
    writeFileSync(this.at(name), content)
    return content
  }

  read(name: string): Buffer {
    return readFileSync(this.at(name))
  }

  /** Names in the inbox, hidden ones too. */
  get received(): string[] {
    return readdirSync(this.inbox).sort()
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
