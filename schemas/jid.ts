/**
 * Addresses of XMPP (RFC 7622), as far as we need them: checked, bounded, and folded the way servers stamp them, so
 * that two spellings of one address are one string. Full stringprep is the servers' trade; a name that only it
 * would fold ends as an address nobody has. A name that only we would fold is another's to the server: who is stamped with such
 * a one is nobody to us (`stampedJid`).
 */

/** A JID is at most three parts of 1,023 bytes and two separators. */
export const maxJidBytes = 3_071
const maxPartBytes = 1_023

/** An address taken apart. */
export interface Jid {
  local: string | undefined
  domain: string
  resource: string | undefined
  /** Without the resource. */
  bare: string
  /** All of it. */
  full: string
}

const encoder = new TextEncoder()
// Most addresses are these, already folded.
const plainBare = /^(?:[a-z0-9!#$%()*+,\-.;=?[\]^_`{|}~]+@)?[a-z0-9](?:[a-z0-9-]|\.[a-z0-9])*$/
// RFC 7622, 3.3.1 forbids these in the local part; the rest is never part of an address.
const badLocal = /["&'/:<>@\s\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}]/u
const badDomain = /["&'/<>@\\\s\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}]/u
const ipv6Domain = /^\[[0-9a-f:.]{2,45}\]$/
// RFC 7622, 3.4: an opaque string; what XML cannot carry and other controls are out.
const badResource = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u

function fits(part: string): boolean {
  if (part.length === 0 || part.length > maxPartBytes) return false
  return part.length * 3 <= maxPartBytes || encoder.encode(part).length <= maxPartBytes
}

/** Takes an address apart; `undefined` when it is none. */
export function parseJid(text: string): Jid | undefined {
  if (typeof text !== 'string' || text.length === 0 || text.length > maxJidBytes) return undefined
  const slash = text.indexOf('/')
  const bareText = slash < 0 ? text : text.slice(0, slash)
  const resource = slash < 0 ? undefined : text.slice(slash + 1)
  if (resource !== undefined && (!fits(resource) || badResource.test(resource))) return undefined
  const at = bareText.indexOf('@')
  let local = at < 0 ? undefined : bareText.slice(0, at)
  let domain = bareText.slice(at + 1)
  if (!plainBare.test(bareText)) {
    local = local === undefined ? undefined : folded(local)
    domain = folded(domain)
    if (local !== undefined && badLocal.test(local)) return undefined
    if (/[:[\]]/.test(domain) ? !ipv6Domain.test(domain) : badDomain.test(domain)) return undefined
    if (domain.startsWith('.') || domain.includes('..')) return undefined
    // RFC 7622, 3.2: the final dot of a DNS name is no part of it.
    if (domain.endsWith('.')) domain = domain.slice(0, -1)
  }
  if (!fits(domain) || (local !== undefined && !fits(local))) return undefined
  const bare = local === undefined ? domain : `${local}@${domain}`
  return { local, domain, resource, bare, full: resource === undefined ? bare : `${bare}/${resource}` }
}

/** The address without its resource, folded; `undefined` when it is no address. */
export function bareJid(text: string): string | undefined {
  return parseJid(text)?.bare
}

/** The address as servers stamp it; `undefined` when it is none. */
export function foldJid(text: string): string | undefined {
  return parseJid(text)?.full
}

/**
 * The address that a server has stamped. `undefined` when it is none, or when we would take it for another's: servers fold
 * by Unicode 3.2 (RFC 3454), and keep what is younger apart.
 */
export function stampedJid(text: string): Jid | undefined {
  const jid = parseJid(text)
  return jid?.full === text ? jid : undefined
}

/**
 * All but the capitals of Unicode 3.2 that got their small letters later: servers stamp these as they are, and people are
 * called so. Palochka, old Georgian, Cherokee, turned F, reversed C.
 */
const foldable = /[^\u04c0\u10a0-\u10c5\u13a0-\u13f4\u2132\u2183]+/g

/** In lower case and composed. Lower case may leave marks out of their order (of `İ` and a mark below it), hence twice. */
const folded = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(foldable, (part) => part.toLowerCase())
    .normalize('NFKC')
