/** One end with the rooms `link` and `bytes` alone: no XMPP, the bench itself carries device ids and candidates. */

import { openPart, openSource, place, receive, serve } from '../../bytes/index.js'
import { type Candidate, createDeviceIdentity, openAttempt } from '../../link/index.js'
import { EndClock, say, timeNow, told } from './end.js'

const role = process.argv[2] as 'sending' | 'receiving'
process.on('disconnect', () => process.exit())

const clock = new EndClock()
const identity = await createDeviceIdentity()
const peer = told<{ id: string; token: number[] }>('peer')
const theirs = told<Candidate[]>('candidates')
const go = told<void>('go')
say('id', identity.id)
const { id: peerDevice, token } = await peer
const source = role === 'sending' ? await openSource(process.env.SOURCE!) : undefined
say('ready', true)
await go

clock.begin()
const begun = timeNow()
const attempt = openAttempt({
  side: role,
  identity,
  peerDevice,
  token: Uint8Array.from(token),
  allowLoopback: true,
  listen: role === 'sending' || process.env.DIALS !== '1' ? { host: '127.0.0.1' } : false,
})
const own = await attempt.candidates()
say('candidates', own)
attempt.dial(await theirs)
const link = await attempt.link
if (source) await serve(link, source).done
else {
  const transfer = {
    sid: '0'.repeat(32),
    peer: 'faust@localhost',
    filename: 'target.bin',
    filesize: Number(process.env.FILESIZE),
  }
  const dir = process.env.INTO!
  const part = await openPart({ dir, transfer })
  let firstByteMs = 0
  const receiving = receive(link, part, {
    onProgress: ({ receivedBytes }) => {
      if (firstByteMs === 0 && receivedBytes > 0) firstByteMs = timeNow() - begun
    },
  })
  const { root } = await receiving.proven
  const provenMs = timeNow() - begun
  await place(part, { dir, filename: 'target.bin', root })
  say('placed', { seconds: (timeNow() - begun) / 1000, firstByteMs, placingMs: timeNow() - begun - provenMs })
  receiving.finish()
}
say('used', await clock.used())
