/**
 * The namespaces we speak. They are compared exactly; a new version of a language is a new namespace.
 */

/** Our own: offers, requests and transfers. */
export const nsTransfer = 'jabberfs:transfer:1'
/** Our own: the catalogue. */
export const nsCatalogue = 'jabberfs:catalogue:1'

/** RFC 6120, 8.3.3: conditions of stanza errors. */
export const nsStanzaErrors = 'urn:ietf:params:xml:ns:xmpp-stanzas'
/** XEP-0205: `stanza-too-big`. */
export const nsErrors = 'urn:xmpp:errors'
/** RFC 6121, 2: the contacts of an account. */
export const nsRoster = 'jabber:iq:roster'
/** XEP-0004: data forms. */
export const nsDataForms = 'jabber:x:data'
/** XEP-0030: service discovery. */
export const nsDiscoInfo = 'http://jabber.org/protocol/disco#info'
export const nsDiscoItems = 'http://jabber.org/protocol/disco#items'
/** XEP-0047: bytes inside the stream of stanzas. */
export const nsInBand = 'http://jabber.org/protocol/ibb'
/** XEP-0050: ad-hoc commands. */
export const nsCommands = 'http://jabber.org/protocol/commands'
/** XEP-0055: search, as stock clients know it. */
export const nsSearch = 'jabber:iq:search'
/** XEP-0059: results by pages. */
export const nsRsm = 'http://jabber.org/protocol/rsm'
/** XEP-0065: SOCKS5 bytestreams and their proxies. */
export const nsBytestreams = 'http://jabber.org/protocol/bytestreams'
/** XEP-0077: registration. */
export const nsRegister = 'jabber:iq:register'
/** XEP-0092: software version. */
export const nsVersion = 'jabber:iq:version'
/** XEP-0191: whom an account blocks on its server. */
export const nsBlocking = 'urn:xmpp:blocking'
/** XEP-0199: ping. */
export const nsPing = 'urn:xmpp:ping'
/** XEP-0202: an entity's time. */
export const nsTime = 'urn:xmpp:time'
/** XEP-0215: services beside the server, such as STUN and TURN. */
export const nsExternalServices = 'urn:xmpp:extdisco:2'
/** XEP-0234: the description of a file. */
export const nsJingleFile = 'urn:xmpp:jingle:apps:file-transfer:5'
/** XEP-0329: what files somebody has. */
export const nsFileSharing = 'urn:xmpp:fis:0'
/** XEP-0300: hashes. */
export const nsHashes = 'urn:xmpp:hashes:2'

/** The name our root goes by where XEP-0300 wants an algorithm. */
export const rootAlgorithm = 'jabberfs-blake3-root'
