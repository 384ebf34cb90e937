/**
 * The rules of the house that a reader can check by looking: every case of docs/cases.md is named by a test,
 * no test is left out, files stay small and say what they are, and nothing random is guessable.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'

const root = new URL('../../../', import.meta.url).pathname
const read = (path: string) => readFileSync(root + path, 'utf8')
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '')
const tests = sources.filter((path) => path.startsWith('test/'))
const code = sources.filter((path) => !path.startsWith('test/') && !path.startsWith('bench/'))

/** The numbers in "case 5", "cases 5, 6 and 8", "cases 26–28". */
function casesNamedIn(text: string): Set<number> {
  const named = new Set<number>()
  for (const [, list] of text.matchAll(
    /\bcases?\s+((?:\d+(?:\s*[–-]\s*\d+)?(?:\s*(?:,|and|\/|\+)\s*)*)+)/gi,
  )) {
    for (const [, from, to] of list!.matchAll(/(\d+)(?:\s*[–-]\s*(\d+))?/g)) {
      for (let number = Number(from); number <= Number(to ?? from); number++) named.add(number)
    }
  }
  return named
}

/** The titles given to `describe` and `it` in a file. */
function titlesIn(text: string): string {
  return [...text.matchAll(/\b(?:describe|it)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g)]
    .map((match) => match[2])
    .join('\n')
}

describe('the rules of the house', () => {
  it('every case of docs/cases.md is named by the title of a test', () => {
    const listed = [...read('docs/cases.md').matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]))
    expect(listed.length).to.be.greaterThan(60)
    const named = casesNamedIn(tests.map((path) => titlesIn(read(path))).join('\n'))
    expect(listed.filter((number) => !named.has(number))).to.deep.equal([])
  })

  it('no test is alone', () => {
    const only = /\b(it|describe|context)\.only\(/
    expect(tests.filter((path) => only.test(read(path)))).to.deep.equal([])
  })

  it('every file opens by saying what it is', () => {
    expect(sources.filter((path) => !/^(#!.*\n)?\/\*\*|^(#!.*\n)?\/\//.test(read(path)))).to.deep.equal([])
  })

  it('no file of the project itself is longer than 400 lines', () => {
    expect(code.filter((path) => read(path).split('\n').length > 400)).to.deep.equal([])
  })

  it('no file is named for being useful in general', () => {
    expect(
      sources.filter((path) => /(^|[/-])(utils?|helpers?|common|manager|misc)[-./]/.test(path)),
    ).to.deep.equal([])
  })

  it('no id, token or name comes from Math.random (case 6)', () => {
    const guessable = code.filter((path) => /\bMath\.random\s*\(/.test(read(path)))
    // The jitter of a backoff may be guessed.
    expect(guessable.filter((path) => !/backoff|reconnect/.test(path))).to.deep.equal([])
  })

  it('every package is named exactly, has the hash that the lock file knows, and runs no script (P24, case 110)', () => {
    const { dependencies, devDependencies, scripts } = JSON.parse(read('package.json'))
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect(version, name).to.match(/^\d+\.\d+\.\d+$/)
    expect(
      Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare|publish)/.test(name)),
    ).to.deep.equal([])
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { resolved?: string; integrity?: string; optional?: true; os?: string[] }>
    }
    for (const [path, { resolved, integrity, optional, os }] of Object.entries(packages)) {
      // Of other platforms there are some whose hash nobody here could look up.
      if (path === '' || (integrity === undefined && optional && os !== undefined)) continue
      expect(integrity, path).to.match(/^sha512-/)
      if (resolved !== undefined) expect(resolved, path).to.match(/^https:\/\/registry\.npmjs\.org\//)
    }
    expect(read('scripts/setup/packages.mjs')).to.include("['ci', '--ignore-scripts'")
    expect(read('.npmrc')).to.match(/^ignore-scripts=true$/m)
  })

  it('only schemas/xml.ts imports ltx', () => {
    const importing = sources.filter((path) => /from ['"]ltx/.test(read(path)))
    expect(importing.filter((path) => path !== 'schemas/xml.ts')).to.deep.equal([])
  })
})
