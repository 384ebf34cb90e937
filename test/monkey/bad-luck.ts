/** What happens to people beside their folders: each begins, and is over after a while. */

import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Draw } from '../kills/story.js'
import type { Person, Village } from './village.js'

export interface Misfortune {
  what: string
  /** Whether the component forgets what it was told. */
  losesCatalogue?: boolean
  end(): Promise<void> | void
}

/** Begins one. @param sharers those whose device may be struck */
export async function strike(village: Village, sharers: readonly Person[], draw: Draw): Promise<Misfortune> {
  const person = sharers[draw(sharers.length)]!
  switch (draw(8)) {
    case 0:
    case 1: {
      person.serve.kill('SIGKILL')
      await person.serve.ended
      return { what: `${person.name} is killed`, end: () => person.startServe() }
    }
    case 2: {
      const { serve } = person
      serve.kill('SIGSTOP')
      return { what: `${person.name} is stopped`, end: () => serve.kill('SIGCONT') }
    }
    case 3:
      village.component.kill('SIGKILL')
      await village.component.ended
      return { what: 'the component is killed', end: () => village.startComponent() }
    case 4: {
      const { component } = village
      component.kill('SIGSTOP')
      return { what: 'the component is stopped', end: () => component.kill('SIGCONT') }
    }
    case 5:
      await village.prosody.kill()
      return { what: 'Prosody is killed', end: () => village.prosody.restart() }
    case 6: {
      if (!village.hasDisk(person.state)) return { what: 'nothing', end: () => undefined }
      const filling = join(person.state, 'filling')
      fill(filling)
      return { what: `${person.name}’s disk is full`, end: () => rmSync(filling, { force: true }) }
    }
    default:
      village.component.kill('SIGKILL')
      await village.component.ended
      return {
        what: `the catalogue is ${spoil(village.componentState, draw)}`,
        losesCatalogue: true,
        end: () => village.startComponent(),
      }
  }
}

function fill(file: string): void {
  const fd = openSync(file, 'w')
  try {
    for (const bytes of [2 ** 20, 4_096, 1]) {
      const piece = Buffer.alloc(bytes)
      try {
        for (;;) writeSync(fd, piece)
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(fd)
  }
}

function spoil(state: string, draw: Draw): string {
  const file = join(state, 'catalogue.sqlite')
  const how = draw(3)
  if (!existsSync(file)) return 'not there'
  if (how === 0) {
    for (const name of readdirSync(state))
      if (name.startsWith('catalogue.')) rmSync(join(state, name), { recursive: true })
    return 'removed'
  }
  const { size } = statSync(file)
  if (how === 1) {
    truncateSync(file, draw(size))
    return 'cut off'
  }
  const fd = openSync(file, 'r+')
  writeSync(
    fd,
    Buffer.alloc(Math.max(1, Math.floor(size / 3)), 0x5a),
    0,
    undefined,
    draw(Math.floor(size / 2)),
  )
  closeSync(fd)
  return 'written over'
}
