/**
 * Hashes of content as XEP-0300 writes them, and our root, which goes by the name of an algorithm of its own there
 * (docs/protocol.md, "Blocks and root").
 */

import type { Codec } from '../codec.js'
import { type Field, flag, textOnly } from '../fields.js'
import { Malformed } from '../malformed.js'
import { nsHashes, rootAlgorithm } from '../names.js'
import { base64, pattern } from '../values.js'
import { type Element, xml } from '../xml.js'

/** A hash of the whole content, as an extra beside our root. */
export interface ContentHash {
  algo: string
  value: Uint8Array
}

/** Bytes of the hashes that XEP-0300 and the IANA registry name. */
const bytesOf: Record<string, number | undefined> = {
  md5: 16,
  'sha-1': 20,
  'sha-224': 28,
  'sha-256': 32,
  'sha-384': 48,
  'sha-512': 64,
  'sha3-256': 32,
  'sha3-512': 64,
  'blake2b-256': 32,
  'blake2b-512': 64,
}

const algoValue = pattern(/^[a-z0-9][a-z0-9-]{0,31}$/, 'an algorithm')
const hashBytes = base64(16, 64)
const rootBytes = base64(32)

function checked(hash: ContentHash): ContentHash {
  const wanted = Object.hasOwn(bytesOf, hash.algo) ? bytesOf[hash.algo] : undefined
  if (wanted !== undefined && hash.value.length !== wanted) throw new Malformed('', 'wrong length')
  if (hash.algo === rootAlgorithm) throw new Malformed('@algo', 'not an algorithm')
  return hash
}

/** `<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>…</hash>` */
export const contentHash: Codec<ContentHash> = {
  name: 'hash',
  ns: nsHashes,
  read: (element) => {
    try {
      const algo = element.attrs.algo
      if (typeof algo !== 'string') throw new Malformed('@algo', 'missing')
      return checked({ algo: algoAt(() => algoValue.read(algo)), value: hashBytes.read(textOnly(element)) })
    } catch (error) {
      throw error instanceof Malformed ? error.within('hash') : error
    }
  },
  write: (value) => {
    try {
      const { algo } = checked(value)
      return xml(
        'hash',
        { xmlns: nsHashes, algo: algoAt(() => algoValue.write(algo)) },
        hashBytes.write(value.value),
      )
    } catch (error) {
      throw error instanceof Malformed ? error.within('hash') : error
    }
  },
}

function algoAt<T>(step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw error instanceof Malformed ? error.within('@algo') : error
  }
}

const isRoot = (element: Element) => element.attrs.algo === rootAlgorithm

/** The root, 32 bytes: `<hash xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'>…</hash>` */
export const rootField: Field<Uint8Array> = {
  place: 'child',
  names: ['hash'],
  ns: nsHashes,
  selects: isRoot,
  readChild: (element) => rootBytes.read(textOnly(element)),
  writeChild: (value) =>
    xml('hash', { xmlns: nsHashes, algo: rootAlgorithm }, rootBytes.write(value as Uint8Array)),
  absent: () => {
    throw new Malformed('', 'missing')
  },
  isOptional: false,
}

/** The root is not known yet and will be stated at the end, over the link. */
export const rootLaterField: Field<boolean> = flag('hash-used', nsHashes, { algo: rootAlgorithm }, isRoot)
