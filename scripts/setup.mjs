#!/usr/bin/env node
/**
 * Makes a fresh checkout ready: Debian packages, npm packages, the one native build, the compiler's run.
 *
 *   node scripts/setup.mjs [build|start|demo|test|clients|bench|reach]
 *
 * Plain JavaScript without dependencies, because nothing is installed yet when it runs. Each step looks
 * first and does only what is missing, so that a second run costs a second. It never asks and never
 * guesses: what it may not do itself it says in one sentence with the exact command.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './setup/build.mjs'
import { installPrograms } from './setup/debian.mjs'
import { buildNative, nativeLoads } from './setup/native.mjs'
import { installPackages } from './setup/packages.mjs'
import { SetupFailed } from './setup/run.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const purpose = process.argv[2] ?? 'build'
const purposes = ['build', 'start', 'demo', 'test', 'clients', 'bench', 'reach']

try {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 10)) {
    throw new SetupFailed(`Node 20.10 or later is needed, this is ${process.versions.node}`)
  }
  if (!purposes.includes(purpose))
    throw new SetupFailed(`usage: node scripts/setup.mjs [${purposes.join('|')}]`)
  process.chdir(root)
  // A child's Ctrl-C is ours too: let it end first, so that what we put aside is put back.
  let interrupted = false
  process.on('SIGINT', () => {
    interrupted = true
  })

  const packagesNew = installPackages(root)
  const compilerNeeded = packagesNew || !nativeLoads(root)
  installPrograms({ purpose, compilerNeeded })
  if (compilerNeeded) buildNative(root)
  build(root)
  if (interrupted) process.exit(130)
} catch (error) {
  if (!(error instanceof SetupFailed)) throw error
  console.error(`\nsetup: ${error.message}`)
  process.exit(1)
}
