/**
 * BLAKE3, the one hash of blocks and roots: natively where the addon loads, otherwise in WebAssembly.
 *
 * Rules: both give the same bytes for the same input; every digest is memory of its own, 32 bytes.
 */

import { createRequire } from 'node:module'

type Addon = typeof import('@napi-rs/blake-hash')

/** Bytes of a digest. */
export const hashBytes = 32

/** One running hash. After `digest` it is used up. */
export interface Hasher {
  update(bytes: Uint8Array): void
  digest(): Uint8Array
}

/** One implementation of BLAKE3. */
export interface Blake3 {
  readonly kind: 'native' | 'portable'
  /** The hash of `bytes`, in one call. */
  hash(bytes: Uint8Array): Uint8Array
  /** A hash over pieces. */
  hasher(): Hasher
}

/** The native implementation. Rejects where the addon has no build for this machine. */
export async function loadNativeBlake3(): Promise<Blake3> {
  // By `import` its long loader would be read twice, once only to find the names in it: 7 ms, in each thread.
  const { blake3, Blake3Hasher } = createRequire(import.meta.url)('@napi-rs/blake-hash') as Addon
  return {
    kind: 'native',
    hash: (bytes) => blake3(bytes),
    hasher() {
      const hasher = new Blake3Hasher()
      return {
        update: (bytes) => void hasher.update(bytes),
        digest: () => hasher.digestBuffer(),
      }
    },
  }
}

/** The portable implementation: about a tenth as fast. */
export async function loadPortableBlake3(): Promise<Blake3> {
  // Loaded only where it is needed: it takes 8 MiB.
  const { createBLAKE3 } = await import('hash-wasm')
  const engine = await createBLAKE3()
  return {
    kind: 'portable',
    hash: (bytes) => engine.init().update(bytes).digest('binary'),
    // One engine serves all running hashes: each keeps its state outside between two calls.
    hasher() {
      let state = engine.init().save()
      return {
        update(bytes) {
          state = engine.load(state).update(bytes).save()
        },
        digest: () => engine.load(state).digest('binary'),
      }
    },
  }
}

/** The implementation in use. */
export const blake3: Blake3 = await loadNativeBlake3().catch(loadPortableBlake3)
