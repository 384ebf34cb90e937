/**
 * Tries other seeds: everything that is random and needs no server, again and again, each round with a seed of its own.
 * What compares searches with an oracle makes longer rounds here (JABBERFS_ROUNDS=long).
 *
 *   npm run test:fuzz -- --rounds 50 --seed 1
 *
 * Prints the seed of each round, and stops at the first that fails, with what failed.
 */

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(randomInt(2 ** 30)) },
  },
})
const suites = [
  'schemas',
  'protocol',
  'wire',
  'bytes',
  'component/crossing',
  'component/catalogue/search-oracle',
  'link/cut-off',
  'link/nat/stun-messages',
  'link/nat/router-words',
].map((room) => (room.includes('/') ? `dist/test/${room}.test.js` : `dist/test/${room}/**/*.test.js`))

const rounds = Number(values.rounds)
for (let round = 0; round < rounds; round++) {
  const seed = Number(values.seed) + round * 1_000
  const mocha = ['node_modules/mocha/bin/mocha.js', '--no-config', '--timeout', '60000', '--exit', '--bail']
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--enable-source-maps', ...mocha, '--file', 'dist/test/seed.js', '--reporter', 'dot', ...suites],
    {
      env: { ...process.env, JABBERFS_SEED: String(seed), JABBERFS_ROUNDS: 'long' },
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    },
  )
  if (status !== 0) {
    console.log(stdout)
    console.log(`round ${round + 1} of ${rounds} failed: JABBERFS_SEED=${seed}`)
    process.exit(1)
  }
  console.log(`round ${round + 1} of ${rounds}: seed ${seed}, nothing found`)
}
