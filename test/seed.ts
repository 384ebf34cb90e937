/**
 * Loaded before all tests: the seed of everything that is tried at random.
 *
 * A run of the suite is the same as the last one, so that a red one says something about the change. `npm run test:fuzz`
 * tries other seeds, again and again, and prints each; one that fails becomes a test of its own.
 */

import fc from 'fast-check'

/** The seed of this run: `JABBERFS_SEED`, or always the same. */
export const seed = Number(process.env.JABBERFS_SEED ?? 20_020_211)

// Where a length is named, lists are as long as that: left alone they have ten things at most.
fc.configureGlobal({ seed, defaultSizeToMaxWhenMaxSpecified: true })
