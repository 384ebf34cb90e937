/** The compiler's run (incremental), and no leftovers: a source that is gone takes its compiled test with it. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run, SetupFailed } from './run.mjs'

/** Compiles everything to dist/. */
export function build(root) {
  removeLeftovers(root)
  if (!run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.json'])) {
    throw new SetupFailed('the compiler found errors: see above')
  }
}

function removeLeftovers(root) {
  const dist = join(root, 'dist')
  if (!existsSync(dist)) return
  for (const entry of readdirSync(dist, { withFileTypes: true, recursive: true })) {
    const made = /^(.*?)(\.js|\.d\.ts)(\.map)?$/.exec(entry.name)
    if (!entry.isFile() || !made) continue
    const folder = entry.parentPath ?? entry.path
    if (!existsSync(join(root, relative(dist, folder), `${made[1]}.ts`))) rmSync(join(folder, entry.name))
  }
}
