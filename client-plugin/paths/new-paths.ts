/** The paths of one plugin: with a mapper of ports where somebody could come in by one. */

import { createPortMapper } from '../../link/mapping/index.js'
import type { XmppEntity } from '../../wire/index.js'
import type { Settings } from '../options.js'
import type { Chosen } from './chosen.js'
import { Paths } from './paths.js'

export function newPaths(entity: XmppEntity, settings: Settings, chosen: Chosen): Paths {
  const { listen, mapPorts, allowLoopback } = settings
  // A port that only this machine reaches is nothing to a router.
  const mayMap = mapPorts && listen !== false && !allowLoopback
  return new Paths(entity, settings, mayMap ? createPortMapper() : undefined, chosen)
}
