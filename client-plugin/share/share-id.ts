/** A share's id: at random, since it is unique for its peer over all devices (docs/catalogue.md, "Registrations"). */

import { randomBytes } from 'node:crypto'

/** 128 bits, 22 characters. */
export function newShareId(): string {
  return randomBytes(16).toString('base64url')
}
