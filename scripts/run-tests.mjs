#!/usr/bin/env node
/**
 * `npm test`: setup, linter, every test; closes with `N passed, M failed` alone on a line.
 *
 * Honest in each case: a failing setup or linter, a test run that dies, hangs, leaves something open or finds
 * no tests at all counts as a failure, in the line and in the exit code.
 *
 *   node scripts/run-tests.mjs [MOCHA ARGUMENT…]     e.g. 'dist/test/bytes/**\/*.test.js'
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const limitMinutes = 20
process.chdir(root)
const args = process.argv.slice(2)
// Not in .mocharc.json: mocha would add it to what the command line names.
const specs = args.length > 0 ? args : ['dist/test/**/*.test.js']

let passed = 0
let failed = 0
const fail = (why) => {
  failed++
  console.error(`\n${why}`)
}

const step = (program, args) =>
  spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0

if (!step(process.execPath, ['scripts/setup.mjs', 'test'])) {
  fail('The setup failed, so no test ran.')
} else {
  if (!step('node_modules/.bin/biome', ['check', '--reporter=summary', '.'])) {
    fail('The linter found something (counted as one failure): `npm run lint` shows it in full.')
  }
  await runMocha()
}
if (args.length === 0) {
  console.log(
    '\nTried on their own: Profanity and Gajim (npm run test:clients), ejabberd and jabberd2 (npm run test:servers).',
  )
}
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

async function runMocha() {
  const folder = mkdtempSync(join(tmpdir(), 'jabberfs-tests-'))
  const summary = join(folder, 'summary.json')
  const mocha = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      'node_modules/mocha/bin/mocha.js',
      '--reporter',
      'scripts/mocha-reporter.cjs',
      '--file',
      'dist/test/seed.js',
      ...specs,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, JABBERFS_TEST_SUMMARY: summary } },
  )
  const forward = (signal) => mocha.kill(signal)
  process.on('SIGINT', () => forward('SIGINT'))
  process.on('SIGTERM', () => forward('SIGTERM'))
  const watchdog = setTimeout(() => mocha.kill('SIGKILL'), limitMinutes * 60_000)
  const { code, signal } = await new Promise((resolve) => {
    mocha.once('exit', (code, signal) => resolve({ code, signal }))
    mocha.once('error', () => resolve({ code: 1, signal: null }))
  })
  clearTimeout(watchdog)
  let counts
  try {
    counts = JSON.parse(readFileSync(summary, 'utf8'))
  } catch {
    // The run died before its end: nothing it did counts.
  }
  rmSync(folder, { recursive: true, force: true })
  passed += counts?.passes ?? 0
  if (counts?.pending > 0) console.log(`\n${counts.pending} left out: look for "skipped" above`)
  failed += counts?.failures ?? 0
  if (counts === undefined) fail(`The test run died (${signal ?? `exit code ${code}`}).`)
  else if (counts.passes + counts.failures === 0) fail('No tests were found.')
  else if (counts.leftOpen) fail(`After the last test something kept the process alive: ${counts.leftOpen}`)
  else if (code !== 0 && counts.failures === 0)
    fail(`The test run ended with ${signal ?? `exit code ${code}`}.`)
}
