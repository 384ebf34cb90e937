/** Which version this is: the package's. */

import { readFileSync } from 'node:fs'

// Compiled, this file is one folder deeper than in the source.
const manifest = new URL('../../package.json', import.meta.url)

export const version: string = JSON.parse(readFileSync(manifest, 'utf8')).version
