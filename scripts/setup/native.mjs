/**
 * better-sqlite3 is the one package with native code that is compiled here, against the headers of the
 * very Node that runs. Its own install script would first try to download a binary: that part is left out.
 */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { run, runQuietly, SetupFailed, say } from './run.mjs'

/** Whether it loads and works under this Node. Tried in a process of its own: a wrong build may crash. */
export function nativeLoads(root) {
  const probe = `const D = require('better-sqlite3'); new D(':memory:').prepare('select 1').get()`
  return existsSync(join(root, 'node_modules')) && run(process.execPath, ['-e', probe], { quiet: true })
}

/** Compiles it; about a minute. */
export function buildNative(root) {
  if (nativeLoads(root)) return
  say('compiling better-sqlite3 (about a minute)')
  const prefix = dirname(dirname(process.execPath))
  const headers = existsSync(join(prefix, 'include', 'node', 'node.h'))
  const env = { npm_config_build_from_source: 'true', JOBS: String(availableParallelism()) }
  // Without headers beside Node, node-gyp fetches them from nodejs.org.
  if (headers) env.npm_config_nodedir = prefix
  runQuietly('npm', ['rebuild', 'better-sqlite3', '--ignore-scripts=false'], { env })
  if (!nativeLoads(root)) {
    throw new SetupFailed('better-sqlite3 could not be compiled: see the compiler’s message above')
  }
}
