/** Ctrl-C, or a service manager’s SIGTERM, before a command that stays has begun to listen for it. */

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { leaving } from '../../cli/holder/conversation.js'
import { Talk } from '../../cli/talk.js'
import type { Order } from '../../cli/words.js'
import { startCommand } from '../../scripts/child-command.js'

const screen = { isForPrograms: true, show() {}, fail() {}, note() {}, close() {} }
const serve: Order = { order: 'serve', onConflict: 'rename', from: [] }

describe('a command that was told to end before it listened', () => {
  it('ends all the same', async () => {
    const talk = new Talk(serve, screen, AbortSignal.abort())
    const { left, stop } = leaving(talk)
    await left
    stop()
    talk.silence.stop()
  })

  it('and says nothing to who does not listen any more', async () => {
    const talk = new Talk(serve, screen, AbortSignal.abort())
    const heard: string[] = []
    talk.onRemark(({ remark }) => heard.push(remark))()
    talk.onRemark(({ remark }) => heard.push(`${remark} heard`))
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).to.deep.equal(['pause heard'])
    talk.silence.stop()
  })

  it('does not wait for a server that says nothing', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jabberfs-interrupted-'))
    const server = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    const child = startCommand(['receive', '--from', 'contacts', '--json'], {
      env: {
        JABBERFS_CONFIG: join(dir, 'none.toml'),
        JABBERFS_JID: 'faust@localhost',
        JABBERFS_PASSWORD: 'heinrich',
        JABBERFS_SERVICE: `xmpp://127.0.0.1:${(server.address() as AddressInfo).port}`,
        JABBERFS_COMPONENT: 'files.localhost',
        JABBERFS_STATE: join(dir, 'state'),
      },
      cwd: dir,
    })
    try {
      await once(server, 'connection')
      child.kill('SIGINT')
      expect((await child.ended).code, child.output()).to.equal(130)
      expect(child.output()).to.contain('"code":"interrupted"').and.not.contain('unreachable')
    } finally {
      child.kill('SIGKILL')
      server.close()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
