/** Who allows only relays, where the server has none, reads just that. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startCommand } from '../../scripts/child-command.js'
import { type Person, type Playground, startPlayground } from '../../scripts/playground.js'

describe('a transfer through relays only, on a server without any', function () {
  this.timeout(180_000)
  let ground: Playground
  let dir: string
  before(async () => {
    ground = await startPlayground()
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-cli-'))
    mkdirSync(join(dir, 'into'))
    // More than goes inside XMPP.
    writeFileSync(join(dir, 'a.bin'), Buffer.alloc(2 * 2 ** 20, 1))
  })
  after(async () => {
    await ground.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  const start = (who: Person, ...args: string[]) =>
    startCommand(args, { env: { JABBERFS_CONFIG: who.config }, cwd: dir })

  for (const side of ['sending', 'receiving'] as const) {
    it(`says to the ${side} side that only a relay may be used and there is none`, async () => {
      const { faust, mephisto } = ground
      const only = (which: typeof side) => (which === side ? ['--path', 'relay'] : [])
      const receiving = start(
        mephisto,
        'receive',
        ...only('receiving'),
        '--into',
        'into',
        '--from',
        faust.jid,
      )
      await receiving.untilPrinted('waiting for files')
      const sending = start(faust, 'send', ...only('sending'), 'a.bin', mephisto.jid)
      const hidden = side === 'sending' ? sending : receiving
      await hidden.untilPrinted(
        'Only a relay may be used, and none is known of the server of this account. Ask its operator',
      )
      expect(hidden.output()).not.to.contain('bad-candidate')
      for (const child of [sending, receiving]) child.kill('SIGINT')
      await Promise.all([sending.ended, receiving.ended])
    })
  }

  it('says it to both, where both allow nothing else', async () => {
    const { faust, mephisto } = ground
    const receiving = start(mephisto, 'receive', '--path', 'relay', '--into', 'into', '--from', faust.jid)
    await receiving.untilPrinted('waiting for files')
    const sending = start(faust, 'send', '--path', 'relay', 'a.bin', mephisto.jid)
    for (const each of [sending, receiving]) {
      await each.untilPrinted('Only a relay may be used, and none is known of the server of this account.')
    }
    for (const child of [sending, receiving]) child.kill('SIGINT')
    await Promise.all([sending.ended, receiving.ended])
  })
})
