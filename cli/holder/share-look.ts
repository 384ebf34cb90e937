/** A share of the plugin, as reports carry it. */
import type { ShareInfo } from '../../client-plugin/index.js'
import type { ShareLook } from '../catalogue-words.js'
import { troubleField } from './naming.js'

/** Only what is plain JSON, and what is known. */
export function shareLook(info: ShareInfo): ShareLook {
  const { id, name, folder, tags, visibleTo, state, files, bytes, hashedBytes, toHashBytes } = info
  const { rate, secondsLeft, publishedFiles, way, leftOutFiles, trouble } = info
  return {
    id,
    name,
    folder,
    tags,
    visibleTo,
    state,
    files,
    bytes,
    hashedBytes,
    toHashBytes,
    bytesPerSecond: Math.round(rate),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
    publishedFiles,
    ...(way === undefined ? {} : { way }),
    leftOutFiles,
    ...troubleField(trouble),
  }
}
