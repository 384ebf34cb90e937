#!/usr/bin/env node
/**
 * `npm test`: setup, linter, every test; closes with `N passed, M failed` alone on a line.
 *
 * Most of the time a test waits: for a deadline, a kill, a server. So four runs of mocha go on side by side, each with a part
 * of the files, and the next part when that is done; what the first prints is shown at once, what others print when they are
 * done, and what failed in any is said again at the end. Honest in each case: a failing setup or linter, a run that dies,
 * hangs, leaves something open or finds no tests at all counts as a failure, in the line and in the exit code.
 *
 *   node scripts/run-tests.mjs [PART OF A FILE'S NAME…]     e.g. link cli/account
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const limitMinutes = 20
/** Parts of the files, and how many of them run at once: small ones, so that the last do not end long after the others. */
const parts = 12
const atOnce = 4
process.chdir(root)
const wanted = process.argv.slice(2)

const running = new Set()
let passed = 0
let failed = 0
let leftOut = 0
const broken = []
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
  await runAll()
}
if (wanted.length === 0) {
  console.log(
    '\nTried on their own: Profanity, Gajim and another client of the protocol (npm run test:clients), ejabberd, jabberd2 and people of two servers (npm run test:servers).',
  )
}
for (const { title, file, error } of broken) console.log(`\nFailed: ${title}\n  in ${file}\n  ${error}`)
if (leftOut > 0) console.log(`\n${leftOut} left out: look for "skipped" above`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

async function runAll() {
  const files = filesOfTests()
  if (files.length === 0) fail('No tests were found.')
  const waiting = Array.from({ length: parts }, (_, part) => files.filter((_, at) => at % parts === part))
    .filter((part) => part.length > 0)
    .map((part, at) => () => runMocha(part, at === 0))
  // Who interrupts it wants no further part.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      waiting.length = 0
      for (const mocha of running) mocha.kill(signal)
    })
  }
  const runOn = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next()
  }
  await Promise.all(Array.from({ length: atOnce }, runOn))
}

/** By size, since larger files tend to take longer: so the shares are about alike. */
function filesOfTests() {
  return readdirSync('dist/test', { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
    .map((name) => join('dist/test', name))
    .sort((a, b) => statSync(b).size - statSync(a).size)
}

async function runMocha(files, isShown) {
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
      ...files,
    ],
    {
      stdio: ['ignore', isShown ? 'inherit' : 'pipe', isShown ? 'inherit' : 'pipe'],
      env: { ...process.env, JABBERFS_TEST_SUMMARY: summary },
    },
  )
  const said = []
  mocha.stdout?.on('data', (chunk) => said.push(chunk))
  mocha.stderr?.on('data', (chunk) => said.push(chunk))
  running.add(mocha)
  const watchdog = setTimeout(() => mocha.kill('SIGKILL'), limitMinutes * 60_000)
  const { code, signal } = await new Promise((resolve) => {
    mocha.once('close', (code, signal) => resolve({ code, signal }))
    mocha.once('error', () => resolve({ code: 1, signal: null }))
  })
  clearTimeout(watchdog)
  running.delete(mocha)
  let counts
  try {
    counts = JSON.parse(readFileSync(summary, 'utf8'))
  } catch {
    // The run died before its end: nothing it did counts.
  }
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(Buffer.concat(said))
  passed += counts?.passes ?? 0
  failed += counts?.failures ?? 0
  leftOut += counts?.pending ?? 0
  broken.push(...(counts?.broken ?? []))
  if (counts === undefined) fail(`The test run died (${signal ?? `exit code ${code}`}).`)
  else if (counts.passes + counts.failures === 0) fail('No tests were found.')
  else if (counts.leftOpen) fail(`After the last test something kept the process alive: ${counts.leftOpen}`)
  else if (code !== 0 && counts.failures === 0)
    fail(`The test run ended with ${signal ?? `exit code ${code}`}.`)
}
