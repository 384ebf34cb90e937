/** Contacts with stock clients are told of an offer by one plain message; everybody else, and nobody twice, is not. */

import { expect } from 'chai'
import type { FileTransferOptions } from '../../../client-plugin/index.js'
import { type Element, xml } from '../../../schemas/index.js'
import { createClientEntity, type XmppEntity } from '../../../wire/index.js'
import { type Device, Stage } from './stage.js'

describe('a contact who does not answer', function () {
  this.timeout(180_000)
  let stage: Stage
  const clients: XmppEntity[] = []

  before(async () => {
    stage = await new Stage().open()
    stage.prosody.befriend('faust', 'mephisto', 'gretchen', 'valentin')
  })
  after(async () => {
    await Promise.all(clients.map((client) => client.stop()))
    await stage.close()
  })

  /** A stock client: it knows messages only. */
  async function stock(name: string): Promise<{ messages: string[]; next(): Promise<string> }> {
    const jid = stage.prosody.addUser(name, 'secret')
    const { service } = stage.prosody
    const entity = createClientEntity({ jid: `${jid}/stock`, password: 'secret', service })
    entity.on('error', () => undefined)
    clients.push(entity)
    const messages: string[] = []
    const waiting: ((text: string) => void)[] = []
    entity.on('stanza', (stanza: Element) => {
      const text = stanza.getChildText('body')
      if (stanza.name !== 'message' || !text) return
      messages.push(text)
      waiting.shift()?.(text)
    })
    await entity.start()
    await entity.send(xml('presence'))
    return { messages, next: () => new Promise((resolve) => waiting.push(resolve)) }
  }

  const sender = (name: string, options: Partial<FileTransferOptions>) => stage.device('faust', name, options)
  const offer = async (from: Device, to: string, filename: string, message = true) =>
    from.files.send(`${to}@localhost`, [stage.file(filename, 35_000).path], { message })

  it('gets one plain message that says what it is and how to get it, and no second one that day', async () => {
    const mephisto = await stock('mephisto')
    const told = mephisto.next()
    const faust = await sender('desk', { messageAfterMs: 1_000 })
    await offer(faust, 'mephisto', 'my\u202e girl.jpg')
    const text = await told
    expect(text).to.match(
      /^I offer you a file: “my girl\.jpg” \(35\.0 kB\)\.\n.*jabberfs receive.*\nIt stands until 20/,
    )
    // Neither about another file, nor after a restart, nor when the program ends.
    await offer(faust, 'mephisto', 'another.jpg')
    await faust.restart()
    await faust.stop()
    await faust.start()
    const last = mephisto.next()
    await faust.entity.send(
      xml('message', { to: 'mephisto@localhost', type: 'chat' }, xml('body', null, 'end')),
    )
    await last
    expect(mephisto.messages).to.deep.equal([text, 'end'])
    await faust.stop()
  })

  it('is told when the program of the author ends sooner; strangers are not, nor who is not to be', async () => {
    const gretchen = await stock('gretchen')
    const wagner = await stock('wagner')
    const valentin = await stock('valentin')
    const told = gretchen.next()
    const faust = await sender('phone', { messagesPerDay: 1 })
    await offer(faust, 'valentin', 'quiet.jpg', false)
    await offer(faust, 'wagner', 'stranger.jpg')
    await offer(faust, 'gretchen', 'girl.jpg')
    await offer(faust, 'mephisto', 'beyond.jpg')
    await faust.settled()
    await faust.stop()
    expect(await told).to.contain('girl.jpg')
    await faust.start()
    for (const other of [wagner, valentin]) {
      const last = other.next()
      const to = other === wagner ? 'wagner@localhost' : 'valentin@localhost'
      await faust.entity.send(xml('message', { to, type: 'chat' }, xml('body', null, 'end')))
      await last
      expect(other.messages).to.deep.equal(['end'])
    }
  })

  it('and has a device of jabberFS that answers in time, gets none', async () => {
    // So long may a machine take for the answer that is busy with other things.
    const faust = await sender('tablet', { messageAfterMs: 60_000 })
    const valentin = await stage.device('valentin', 'desk')
    const heard: string[] = []
    valentin.entity.on('stanza', (stanza: Element) => {
      if (stanza.name === 'message') heard.push(String(stanza))
    })
    const sent = await offer(faust, 'valentin', 'answered.jpg')
    await (await valentin.offered('answered.jpg')).accept({ into: valentin.into })
    await sent.finished
    await faust.stop()
    await valentin.settled()
    expect(heard).to.deep.equal([])
  })
})
