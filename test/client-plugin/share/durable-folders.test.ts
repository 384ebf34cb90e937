/** Folders that are made for a whole folder outlast a power cut as the files in them do. What the system was asked is seen by strace. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { canInject } from '../../bytes/faults/fault.js'

const plugin = new URL('../../../client-plugin/index.js', import.meta.url)

describe('the folders of a whole folder', function () {
  this.timeout(60_000)
  let folder: string
  before(function () {
    if (!canInject) this.skip()
    folder = mkdtempSync(join(tmpdir(), 'jabberfs-durable-'))
  })
  after(() => folder && rmSync(folder, { recursive: true, force: true }))

  it('are durable before a file is placed in them (P6)', () => {
    const program = `
      import { wholeFolder } from ${JSON.stringify(plugin.href)}
      const item = (path) => ({ kind: 'file', path, root: new Uint8Array(32), size: 5 })
      const catalogue = { browse: async () => ({ items: [item('sub/a/1.txt'), item('sub/a/2.txt'), item('sub/b/3.txt')] }) }
      const what = { peer: 'faust@h', share: 'tales', path: 'sub' }
      for await (const { trouble } of wholeFolder({ catalogue }, what, { into: process.argv[1] })) if (trouble) throw trouble
      process.exit()`
    const log = join(folder, 'calls')
    const { status, stderr } = spawnSync(
      'strace',
      ['-f', '-y', '-s', '500', '-o', log, '-e', 'trace=mkdir,mkdirat,fsync', process.execPath].concat([
        '--input-type=module',
        '-e',
        program,
        folder,
      ]),
      { encoding: 'utf8' },
    )
    expect(status, stderr).to.equal(0)
    const lines = readFileSync(log, 'utf8').split('\n')
    const made = lines.flatMap((line, at) => {
      const path = /mkdir(?:at)?\(.*"([^"]+)", .*\) = 0/.exec(line)?.[1]
      return path?.startsWith(folder) ? [{ path, at }] : []
    })
    expect(made.map(({ path }) => path)).to.deep.equal(
      ['sub', 'sub/a', 'sub/b'].map((name) => join(folder, name)),
    )
    for (const { path, at } of made) {
      expect(lines[at + 1], path).to.match(/fsync\(/)
      expect(lines[at + 1], path).to.contain(`<${dirname(path)}>`)
    }
  })
})
