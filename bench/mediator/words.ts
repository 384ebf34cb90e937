/** The stanzas of a session as text, of the size that real ones have. Their schemas are in `schemas/`. */

const ns = 'jabberfs:transfer:1'
const root = `<hash xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'>41mMOeVVJCOQWGJkGmVwkWaz/c+KBuhbHBXrVqnzkXw=</hash>`
const token = Buffer.alloc(32, 7).toString('base64')

export const words = {
  login: (to: string, device: string) =>
    `<presence to='${to}'><login xmlns='${ns}' device='${device}'/></presence>`,
  offer: (id: string, peer: string) =>
    `<offer xmlns='${ns}' id='${id}' peer='${peer}'><desc>from yesterday</desc><file><filename>song_hell.mp3</filename>` +
    `<filesize>3050743</filesize>${root}</file></offer>`,
  accept: (sid: string) =>
    `<accept xmlns='${ns}' sid='${sid}' attempt='1'><listening><candidate kind='host'><ip>192.0.2.66</ip>` +
    `<port>6666</port></candidate></listening><token>${token}</token></accept>`,
  complete: (sid: string) => `<complete xmlns='${ns}' sid='${sid}' attempt='1'>${root}</complete>`,
  decline: (sid: string) => `<decline xmlns='${ns}' sid='${sid}'/>`,
}
