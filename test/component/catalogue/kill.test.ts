/** Case 57: what was answered survives the end of the process, whenever it comes. */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { ok, Stage } from './stage.js'

const publisher = fileURLToPath(new URL('publisher.js', import.meta.url))
const name = { peer: 'faust@goethe.example', device: 'laptop', share: 'stuff' }

describe('catalogue: kill', function () {
  this.timeout(180_000)

  it('case 57, P7: killed while publishing, it has every change that was answered, each once and whole', async () => {
    const stage = new Stage()
    for (const answers of [1, 7, 40]) {
      const child = spawn(process.execPath, [publisher, stage.path], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (chunk) => {
        said += chunk
        if (said.split('\n').length > answers) child.kill('SIGKILL')
      })
      await new Promise((resolve) => child.once('close', resolve))
      const answered = Number(said.split('\n').at(-2))

      const db = new Database(stage.path)
      expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
      db.exec(`insert into words(words) values ('integrity-check')`)
      db.close()
      await stage.open()
      const { held } = ok(await stage.catalogue.held(name))
      const { items } = ok(await stage.catalogue.shares(name.peer, name.peer, { max: 1 }))
      expect(held).to.be.at.least(answered)
      expect(items[0]!.value.files).to.equal(20 * (held - Math.floor(held / 3)))
      const newest = await stage.paths('gretchen@goethe.example', `file ${held}`)
      expect(newest.filter((path) => path.includes(`file ${held} `))).to.have.length(20)
      await stage.catalogue.close()
    }
    await stage.open()
    await stage.end()
  })
})
