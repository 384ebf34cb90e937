/** What is to be looked at, gathered for a moment: a program that writes a file says so many times. */

import type { ShareRow } from './share-rows.js'
import { manyEvents } from './times.js'

export interface Gathered {
  share: ShareRow
  folder: string
  /** Undefined for the whole folder. */
  names: Set<string> | undefined
}

export class Gathering {
  #all = new Map<string, Gathered>()
  #count = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly gatherMs: number,
    /** Told when something was gathered for so long. */
    readonly onTime: () => void,
  ) {}

  /** A name of a folder, or something in it. */
  add(share: ShareRow, folder: string, name: string | undefined): void {
    const key = `${share.n}/${folder}`
    const known = this.#all.get(key)
    this.#count++
    if (known === undefined) {
      this.#all.set(key, { share, folder, names: name === undefined ? undefined : new Set([name]) })
    } else if (name === undefined) known.names = undefined
    else known.names?.add(name)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.onTime()
    }, this.gatherMs)
  }

  /** All so far, once; and whether that was so much that the system may have lost some. */
  take(): { gathered: Gathered[]; areMany: boolean } {
    const gathered = [...this.#all.values()]
    const areMany = this.#count > manyEvents
    this.#all = new Map()
    this.#count = 0
    return { gathered, areMany }
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
