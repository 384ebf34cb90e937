/** A client on a raw socket at a real server: it can say what no library would. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { Talk } from './talk.js'

export async function rawClient(
  port: number,
  user: string,
  password: string,
  resource: string,
): Promise<Talk> {
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  const talk = new Talk(socket)
  const header =
    "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
  talk.say(header)
  await talk.hear(/<\/stream:features>/)
  const plain = Buffer.from(`\0${user}\0${password}`).toString('base64')
  talk.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`)
  await talk.hear(/<success/)
  talk.say(header)
  await talk.hear(/<\/stream:features>/)
  talk.say(
    `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`,
  )
  await talk.hear(/id=['"]bind['"][\s\S]*?<\/iq>|<iq[^>]*id='bind'/)
  return talk
}

/** Waits for the answer with this id and gives all of it. */
export async function answerTo(talk: Talk, id: string): Promise<string> {
  const [answer] = await talk.hear(new RegExp(`<iq(?=[^>]*\\bid=['"]${id}['"])[^>]*?(?:/>|>[\\s\\S]*?</iq>)`))
  return answer
}
