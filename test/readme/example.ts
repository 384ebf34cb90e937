/** The example of README.md: compiled with everything else, so that it is true. */

import { createClientEntity, fileTransfer } from 'jabberfs/client-plugin'

const xmpp = createClientEntity({ jid: 'faust@goethe.example', password: process.env.PASSWORD ?? '' })
const files = fileTransfer(xmpp, { component: 'files.goethe.example', state: '~/.local/state/my-program' })

files.on('offer', (offer) => offer.accept({ into: '~/Downloads' }))
xmpp.on('error', console.error) // once it was online it comes back by itself
await xmpp.start() // rejects where it does not even begin: a wrong password, no server
await files.resume()

const transfer = await files.send('mephisto@goethe.example', ['my_girl.jpg'], {
  description: 'from yesterday',
})
for await (const { bytes, total, resumedFrom } of transfer) console.log(bytes, total, resumedFrom)
const { root } = await transfer.finished // rejects with a FileTransferError: a stable `code`, and what to do
console.log('arrived, verified:', root)

await files.stop() // what is unfinished stays in the journal, for the next resume()
await xmpp.stop()
