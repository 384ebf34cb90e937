/**
 * A component that does nothing: it answers every IQ with an empty result. A process of its own, the yardstick
 * for what the server alone can carry. It says `online` to its parent and ends with it.
 */

import { RawStream } from './raw-stream.js'
import { attributeOf, openingTag } from './stanza-cutter.js'

const { PORT, DOMAIN, SECRET } = process.env
const stream = await RawStream.open(Number(PORT))
await stream.handshake(DOMAIN!, SECRET!)
stream.onStanza = (stanza) => {
  const tag = openingTag(stanza)
  if (!tag.startsWith('<iq')) return
  const [id, from] = [attributeOf(tag, 'id'), attributeOf(tag, 'from')]
  stream.send(`<iq type='result' id='${id}' from='${DOMAIN}' to='${from}'/>`)
}
process.on('disconnect', () => process.exit())
process.send!('online')
