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
/** XEP-0004: data forms. */
export const nsDataForms = 'jabber:x:data'
/** XEP-0030: service discovery. */
export const nsDiscoInfo = 'http://jabber.org/protocol/disco#info'
export const nsDiscoItems = 'http://jabber.org/protocol/disco#items'
/** XEP-0092: software version. */
export const nsVersion = 'jabber:iq:version'
/** XEP-0199: ping. */
export const nsPing = 'urn:xmpp:ping'
/** XEP-0300: hashes. */
export const nsHashes = 'urn:xmpp:hashes:2'

/** The name our root goes by where XEP-0300 wants an algorithm. */
export const rootAlgorithm = 'jabberfs-blake3-root'
