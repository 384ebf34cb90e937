/** How often and how long the keeper waits, looks and remembers. */

/** How long a root is remembered after its file went, seconds. */
export const memorySeconds = 30 * 24 * 3_600
/** Between two words on how the shares stand, ms. */
export const standsMs = 250
/** Somebody waits for one file to be looked at again: at most so long, ms. */
export const longestLookMs = 10_000
export const betweenLooksMs = 100
/** So many events at once, and the system may have lost some: all is looked at again. */
export const manyEvents = 4_000
/** A file that is written to without rest is not waited for longer, ms. */
export const longestWritingMs = 10_000
/** Where not all folders are watched, sweeps come this much sooner. */
export const soonerBy = 5
/** Whether a shared folder that is away is back, or can be read again, is one look at a time: so much sooner. */
export const muchSoonerBy = 20
