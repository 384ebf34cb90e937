/** What `npx jabberfs` and `npm link` run. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../../..', import.meta.url))

describe('what npx runs', () => {
  const { bin, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const entry = join(root, bin.jabberfs)
  const run = (file: string, ...words: string[]) => spawnSync(file, words, { encoding: 'utf8' })

  it('is the command, and may be run however often it was built anew', () => {
    expect(statSync(entry).mode & 0o111).to.equal(0o111)
    const { status, stdout } = run(entry, '--version')
    expect([status, stdout.trim()]).to.deep.equal([0, version])
    const misspelt = run(entry, 'sned')
    expect(misspelt.status, 'its exit code').to.equal(2)
    expect(misspelt.stderr).to.equal(
      "jabberfs: unknown command 'sned' (Did you mean send?). See `jabberfs --help`.\n",
    )
  })

  it('says what to do where nothing is built yet', () => {
    const fresh = mkdtempSync(join(tmpdir(), 'jabberfs-fresh-'))
    try {
      mkdirSync(join(fresh, 'cli'))
      copyFileSync(entry, join(fresh, 'cli', 'jabberfs.mjs'))
      const { status, stderr } = run(join(fresh, 'cli', 'jabberfs.mjs'), 'login', 'faust@goethe.example')
      expect(stderr).to.equal(`jabberfs: It is not built yet. Type \`npm run build\` in ${fresh}/ first.\n`)
      expect(status).to.equal(1)
    } finally {
      rmSync(fresh, { recursive: true })
    }
  })
})
