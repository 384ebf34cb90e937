#!/usr/bin/env node
/**
 * What `npx jabberfs` and `npm link` run: the built command. It is there before anything is built, since npm makes its link to it once, and
 * one to what was not there yet, or was built anew, is dead for good. Plain JavaScript, because nothing is installed yet at times.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const command = new URL('../dist/cli/main.js', import.meta.url)
if (existsSync(command)) await import(command.href)
else {
  const folder = fileURLToPath(new URL('..', import.meta.url))
  console.error(`jabberfs: It is not built yet. Type \`npm run build\` in ${folder} first.`)
  process.exitCode = 1
}
