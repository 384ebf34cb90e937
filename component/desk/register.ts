/** Coming into the catalogue, and leaving it (docs/catalogue.md, "Registering"). */

import { registered } from '../../schemas/index.js'
import { type AnswerTo, deviceOf } from './asker.js'
import { granted } from './refusing.js'

/** The device is in the catalogue from now on, and, as it is here, online. */
export const register: AnswerTo<'register'> = async (asker, { id }, { catalogue, presence }) => {
  const { id: given, ttl, held } = granted(await catalogue.register(deviceOf(asker), id))
  presence.refresh(asker)
  return registered.write({ id: given, ttl, held })
}

/** Everything of this device goes. Who has nothing here has left already. */
export const unregister: AnswerTo<'unregister'> = async (asker, _said, { catalogue }) => {
  const answer = await catalogue.unregister(deviceOf(asker))
  if (answer.kind !== 'not-found' && answer.kind !== 'unregistered') granted(answer)
  return undefined
}
