/** A share's id: at random, since it is unique for its peer over all devices (docs/catalogue.md, "Registrations"). */

import { randomBytes } from 'node:crypto'

/** 128 bits, 22 characters. */
export function newShareId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url')
    // In a command line that would be an option.
    if (!id.startsWith('-')) return id
  }
}
