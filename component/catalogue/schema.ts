/**
 * The catalogue's schema, as the steps that made it. A step that was released is never changed: a new one is added.
 *
 * What holds: all or nothing (the steps of one opening are one transaction), `user_version` counts the steps taken, and a file that has
 * taken more steps than we know is refused (open-catalogue.ts). No address and no token is in any column (P22).
 */

import { firstSchema } from './first-schema.js'
import { secondSchema } from './second-schema.js'
import { thirdSchema } from './third-schema.js'

/** 'jfca': marks the file as ours. */
export const applicationId = 0x6a666361

/** Shares with this audience are seen by nobody, not even their owner: they are being removed, or being filled. */
export const unseen = 0
export const everybody = 1

export const migrations: readonly string[] = [firstSchema, secondSchema, thirdSchema]
