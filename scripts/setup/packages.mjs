/**
 * npm's packages, exactly as the lock file names them, and without their install scripts.
 *
 * `npm ci` begins by deleting node_modules, so it runs only when what is installed differs from the lock
 * file. npm itself keeps a record of what it installed, and that record is what is compared.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, SetupFailed, say } from './run.mjs'

/** @returns whether anything was installed. */
export function installPackages(root) {
  if (matches(root)) return false
  say('installing npm packages from the lock file')
  if (!run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])) {
    throw new SetupFailed('npm could not install the packages: see its message above, then run this again')
  }
  return true
}

function matches(root) {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const present = packagesOf(record)
  for (const [path, { version, optional }] of wanted) {
    // An optional package that is absent is one for another platform.
    if (present.has(path) ? present.get(path).version !== version : !optional) return false
  }
  return [...present.keys()].every((path) => wanted.has(path) && existsSync(join(root, path)))
}

function packagesOf(file) {
  try {
    const { packages } = JSON.parse(readFileSync(file, 'utf8'))
    return new Map(Object.entries(packages).filter(([path]) => path !== ''))
  } catch (error) {
    throw new SetupFailed(`${file} cannot be read (${error.message}): restore it, or remove node_modules`)
  }
}
