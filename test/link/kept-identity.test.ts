/** The file of a device's identity, also where the file system makes no hard links. */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { keptIdentity } from '../../link/index.js'

const canInject = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0
const room = fileURLToPath(new URL('../../link/index.js', import.meta.url))

describe("a device's identity that is kept", function () {
  this.timeout(60_000)
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'jabberfs-identity-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is made once, readable by its owner alone, and is the same ever after', async () => {
    const path = join(folder, 'device.pem')
    const { id } = await keptIdentity(path)
    expect((await keptIdentity(path)).id).to.equal(id)
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    expect(readdirSync(folder)).to.deep.equal(['device.pem'])
  })

  it('is not made in place of what is there', async () => {
    const path = join(folder, 'device.pem')
    writeFileSync(path, 'something else')
    const failed = await keptIdentity(path).catch((error: unknown) => error)
    expect(failed).to.be.instanceOf(Error)
    expect(readFileSync(path, 'utf8')).to.equal('something else')
  })

  it('is made where there are no hard links, too', async function () {
    // Without strace nothing can be injected: the reporter says that it was left out.
    if (!canInject) this.skip()
    for (const code of ['EPERM', 'EACCES', 'EOPNOTSUPP']) {
      const path = join(folder, `${code}.pem`)
      const program = `const { keptIdentity } = await import(${JSON.stringify(room)})
        console.log((await keptIdentity(${JSON.stringify(path)})).id)`
      const calls = ['-e', 'trace=link,linkat', '-e', `inject=link,linkat:error=${code}`, '-o', '/dev/null']
      const own = [process.execPath, '--input-type=module', '-e', program]
      const id = execFileSync('strace', ['-f', ...calls, ...own], { encoding: 'utf8' }).trim()
      expect((await keptIdentity(path)).id, code).to.equal(id)
    }
    expect(readdirSync(folder)).to.have.lengthOf(3)
  })
})
