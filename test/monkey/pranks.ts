/** What people do to folders: one small thing at a time, drawn from the seed. Nothing of it asks what jabberFS makes of it. */

import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Draw } from '../kills/story.js'
import { adornments, endings, rare, words } from './names.js'

/** A folder that is shared, as is the one around it. */
export const inner = 'innen'

/** A folder that is shared, and room beside it that is not. */
export interface Ground {
  folder: string
  outside: string
}

export class Pranks {
  readonly #pool = Array.from({ length: 6 }, (_, at) => randomBytes(500 + 700 * at))
  readonly #locked: { path: string; mode: number }[] = []
  readonly #toFolders: string[] = []
  #count = 0

  constructor(readonly draw: Draw) {}

  /** Does something. @returns what, for the log; a thing that cannot be done here is left */
  do(ground: Ground): string {
    const names = Object.keys(this.#all)
    const name = names[this.draw(names.length)]!
    try {
      return `${name} ${this.#all[name]!(ground) ?? ''}`
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === undefined) throw error
      return `${name}: ${code}`
    }
  }

  /** A new file with the rare word, at the top of a folder. */
  rarity({ folder }: Ground): string {
    const path = join(folder, `${rare} ${++this.#count}.txt`)
    const content = randomBytes(100 + this.draw(400))
    try {
      writeFileSync(path, content)
    } catch (error) {
      return `${error}`
    }
    return path
  }

  /** Where a link to a folder leads to a file by now, or to nothing, that is known when the link is looked at. */
  touchLinks(): void {
    for (const path of this.#toFolders) {
      try {
        lutimesSync(path, 1e9, 1e9)
      } catch {
        // It is gone, or in a folder that is locked.
      }
    }
  }

  /** Makes readable again what was locked. */
  unlock(): void {
    for (const { path, mode } of this.#locked.splice(0).reverse()) {
      // It may have gone elsewhere meanwhile.
      if (existsSync(path)) chmodSync(path, mode)
    }
  }

  #content(): Buffer {
    const what = this.draw(12)
    if (what < 3) return this.#pool[this.draw(this.#pool.length)]!
    if (what === 3) return Buffer.alloc(0)
    if (what === 4) return randomBytes(2 ** 20 + this.draw(2 ** 20))
    return randomBytes(this.draw(3_000))
  }

  #name(): string {
    const { draw } = this
    const ending = endings[draw(endings.length)]!
    let name = `${words[draw(words.length)]} ${++this.#count}${adornments[draw(adornments.length)]}`
    if (draw(25) === 0) name = `.${name}`
    if (draw(15) === 0) name += 'x'.repeat(Math.max(0, 255 - Buffer.byteLength(name + ending)))
    return name + ending
  }

  #folders(top: string): string[] {
    const found = [top]
    for (const folder of found) {
      for (const entry of entriesIn(folder)) if (entry.isDirectory()) found.push(join(folder, entry.name))
    }
    return found
  }

  #files(top: string): string[] {
    return this.#folders(top).flatMap((folder) =>
      entriesIn(folder)
        .filter((entry) => !entry.isDirectory() && !entry.name.startsWith(rare))
        .map(({ name }) => join(folder, name)),
    )
  }

  #one(of: string[]): string {
    if (of.length === 0) throw Object.assign(new Error('none'), { code: 'NONE' })
    return of[this.draw(of.length)]!
  }

  /** One whose mode and time are its own, and not those of a folder that it leads to. */
  #plain = ({ folder }: Ground) =>
    this.#one(this.#files(folder).filter((path) => !lstatSync(path).isSymbolicLink()))
  #file = ({ folder }: Ground) => this.#one(this.#files(folder))
  /** One that is shared by its own name: what is done to it by a name that is not is not told. */
  #carried = ({ folder }: Ground) =>
    this.#one(this.#files(folder).filter((path) => !/\/\.|\p{Cc}|\ufffe|\ufffd/u.test(path)))
  #any = ({ folder }: Ground) => this.#one(this.#folders(folder))
  #sub = ({ folder }: Ground) => this.#one(this.#folders(folder).slice(1))
  #new = (ground: Ground) => join(this.#any(ground), this.#name())

  readonly #all: Record<string, (ground: Ground) => string | undefined> = {
    create: (ground) => this.#write(this.#new(ground)),
    'create ': (ground) => this.#write(this.#new(ground)),
    'create  ': (ground) => this.#write(this.#new(ground)),
    'create slowly': (ground) => {
      const path = this.#write(this.#new(ground))
      let left = 6
      const timer = setInterval(() => {
        if (--left === 0) clearInterval(timer)
        try {
          if (existsSync(path)) appendFileSync(path, randomBytes(50))
        } catch {
          clearInterval(timer)
        }
      }, 100)
      return path
    },
    'make a folder': (ground) => {
      const path = this.#new(ground)
      mkdirSync(path)
      if (this.draw(3) > 0) this.#write(join(path, this.#name()))
      return path
    },
    'make folders': (ground) => {
      const path = join(this.#any(ground), this.#name(), this.#name(), this.#name())
      mkdirSync(path, { recursive: true })
      return this.#write(join(path, this.#name()))
    },
    '200 files': ({ folder }) => {
      if (this.draw(6) > 0) return undefined
      // Long paths would take their time, by stanzas.
      const path = join(folder, `many ${++this.#count}`)
      mkdirSync(path)
      for (let no = 0; no < 200; no++) writeFileSync(join(path, `${words[no % 10]} ${no}`), `${no} ${path}`)
      return path
    },
    append: (ground) => {
      const path = this.#carried(ground)
      appendFileSync(path, randomBytes(10 + this.draw(100)))
      return path
    },
    'write over, same size': (ground) => {
      const path = this.#carried(ground)
      writeFileSync(path, randomBytes(statSync(path).size), { flag: 'r+' })
      return path
    },
    'write over, same size and time': (ground) => this.#rewrite(this.#carried(ground)),
    'remove, and make another of the same size and time': (ground) => {
      const path = this.#file(ground)
      const { atime, mtime, size } = statSync(path)
      rmSync(path)
      const to = this.draw(2) === 0 ? path : this.#new(ground)
      writeFileSync(to, randomBytes(size))
      utimesSync(to, atime, mtime)
      return `${path} → ${to}`
    },
    truncate: (ground) => {
      const path = this.#carried(ground)
      truncateSync(path, this.draw(statSync(path).size + 1))
      return path
    },
    touch: (ground) => {
      const path = this.#carried(ground)
      utimesSync(path, 1e9, 1e9 + this.draw(1e8))
      return path
    },
    'touch twice': (ground) => {
      const path = this.#plain(ground)
      chmodSync(path, 0o640)
      utimesSync(path, 1e9, 1e9 + this.draw(1e8))
      return path
    },
    'write beside and rename over': (ground) => {
      const path = this.#file(ground)
      const draft = join(dirname(path), `.${++this.#count}.draft`)
      writeFileSync(draft, this.#content())
      renameSync(draft, path)
      return path
    },
    'rename a file': (ground) => this.#move(this.#file(ground), this.#new(ground)),
    'rename a file over another': (ground) => this.#move(this.#file(ground), this.#file(ground)),
    'rename a folder': (ground) => this.#move(this.#sub(ground), this.#new(ground)),
    'rename a folder twice': (ground) => {
      const [from, by, to] = [this.#sub(ground), this.#new(ground), this.#new(ground)]
      this.#move(from, by)
      return this.#move(by, to)
    },
    'rename and back': (ground) => {
      const [from, by] = [this.#any(ground), join(ground.outside, `${++this.#count}`)]
      if (from === ground.folder) return undefined
      this.#move(from, by)
      return this.#move(by, from)
    },
    'move out': (ground) => {
      const from = this.draw(2) === 0 ? this.#file(ground) : this.#sub(ground)
      return this.#move(from, join(ground.outside, basename(from)))
    },
    'move in': (ground) => {
      const from = this.#one(entriesIn(ground.outside).map(({ name }) => join(ground.outside, name)))
      return this.#move(from, join(this.#any(ground), basename(from)))
    },
    'swap files': (ground) => this.#swap(ground, this.#file(ground), this.#file(ground)),
    'swap folders': (ground) => this.#swap(ground, this.#sub(ground), this.#sub(ground)),
    'hard link': (ground) => {
      const [from, to] = [this.#carried(ground), this.#new(ground)]
      linkSync(from, to)
      return `${from} → ${to}`
    },
    'link to a file': (ground) => this.#link(this.#carried(ground), this.#new(ground)),
    'link to nothing': (ground) => this.#link(join(this.#any(ground), 'nothing'), this.#new(ground)),
    'link to outside': (ground) => {
      const to = join(ground.outside, `secret ${++this.#count}`)
      writeFileSync(to, 'secret')
      return this.#link(to, this.#new(ground))
    },
    'link to a folder': (ground) => {
      const path = this.#new(ground)
      this.#toFolders.push(path)
      return this.#link(this.#any(ground), path)
    },
    'lock a file': (ground) => this.#lock(this.#plain(ground)),
    'lock a folder': (ground) => {
      const path = this.#sub(ground)
      // One that is shared itself is looked at every quarter of a minute then.
      return basename(path) === inner && this.draw(3) > 0 ? undefined : this.#lock(path)
    },
    unlock: () => void this.unlock(),
    'unlock ': () => void this.unlock(),
    'put a file in place of a folder': (ground) => {
      const path = this.#sub(ground)
      rmSync(path, { recursive: true })
      return this.#write(path)
    },
    'put a folder in place of a file': (ground) => {
      const path = this.#file(ground)
      rmSync(path)
      mkdirSync(path)
      return this.#write(join(path, this.#name()))
    },
    'remove a file': (ground) => {
      const path = this.#file(ground)
      rmSync(path)
      return path
    },
    'remove a folder': (ground) => {
      const path = this.#sub(ground)
      rmSync(path, { recursive: true })
      return path
    },
    'remove a folder and make it again': (ground) => {
      const path = this.#sub(ground)
      const kept = entriesIn(path).filter((entry) => entry.isFile())
      const contents = kept.map(({ name }) => [join(path, name), readFileSync(join(path, name))] as const)
      rmSync(path, { recursive: true })
      mkdirSync(path)
      for (const [file, content] of contents) writeFileSync(file, content)
      return path
    },
    'remove it all and make it again': ({ folder }) => {
      if (this.draw(4) > 0) return undefined
      rmSync(folder, { recursive: true })
      mkdirSync(folder)
      if (this.draw(2) === 0) return 'empty'
      return this.#write(join(folder, this.#name()))
    },
    'copy a folder': (ground) => {
      const [from, to] = [this.#sub(ground), this.#new(ground)]
      mkdirSync(to)
      for (const entry of entriesIn(from)) {
        if (entry.isFile()) copyFileSync(join(from, entry.name), join(to, entry.name))
      }
      return `${from} → ${to}`
    },
    'the same name twice': (ground) => {
      const folder = this.#any(ground)
      const name = `${words[this.draw(10)]} caf\u00e9 ${++this.#count}`
      writeFileSync(join(folder, name), 'as one')
      return this.#write(join(folder, name.normalize('NFD')))
    },
    'a name that is none': (ground) => {
      const bytes = Buffer.concat([
        Buffer.from(`${this.#any(ground)}/${words[0]} ${++this.#count} `),
        Buffer.from([0xff, 0xfe]),
      ])
      writeFileSync(bytes, 'no UTF-8')
      return undefined
    },
    'reveal, or hide': (ground) => {
      const path = this.#file(ground)
      const name = basename(path)
      const other = name.startsWith('.') ? name.replace(/^\.+/, '') : `.${name}`
      return this.#move(path, join(dirname(path), other))
    },
  }

  #write(path: string): string {
    writeFileSync(path, this.#content())
    if (this.draw(3) === 0) utimesSync(path, 1e9, 1e9 + this.draw(1e8))
    return path
  }

  /** As programs do that change what is written in a file and leave its time. What is renamed as well before anybody looked is not known. */
  #rewrite(path: string): string {
    const { atime, mtime, size } = statSync(path)
    writeFileSync(path, randomBytes(size), { flag: 'r+' })
    utimesSync(path, atime, mtime)
    return path
  }

  #move(from: string, to: string): string {
    renameSync(from, to)
    return `${from} → ${to}`
  }

  #swap({ outside }: Ground, one: string, other: string): string {
    const between = join(outside, `${++this.#count}`)
    renameSync(one, between)
    try {
      renameSync(other, one)
    } finally {
      renameSync(between, existsSync(one) ? other : one)
    }
    return `${one} ↔ ${other}`
  }

  #link(to: string, path: string): string {
    symlinkSync(to, path)
    return `${path} → ${to}`
  }

  #lock(path: string): string {
    const { mode } = lstatSync(path)
    chmodSync(path, [0, 0o444, 0o111, 0o200][this.draw(4)]!)
    this.#locked.push({ path, mode: mode & 0o777 })
    return path
  }
}

function entriesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
