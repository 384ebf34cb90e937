/**
 * Hearing what the component sends on. Only IQs whose server-stamped `from` is the component itself are heard; everybody
 * else is told what he would be told if we were not here (P9, case 2). Nothing inside a message is ever looked at (case 8).
 *
 * A handler has everything on the disk when it returns: the answer `result` deletes the component's own copy.
 */

import { type ActionName, type ActionValues, actions, nsTransfer } from '../../schemas/index.js'
import { answer, Refused, type XmppEntity } from '../../wire/index.js'

/** What to do with each action. */
export type Heard = { [N in ActionName]: (value: ActionValues[N]) => void }

/** Begins to hear. @returns a function that ends it @throws where the entity hears it already */
export function hear(
  entity: XmppEntity,
  component: string,
  heard: () => Heard,
  onFault: (error: unknown) => void,
): () => void {
  const ends = (Object.keys(actions) as ActionName[]).map((name) =>
    answer(entity, {
      type: 'set',
      ns: nsTransfer,
      name,
      handle: (payload, { from }) => {
        if (from !== component) throw Refused.by('unknown-namespace')
        const value = actions[name].read(payload)
        try {
          ;(heard()[name] as (value: unknown) => void)(value)
        } catch (error) {
          if (error instanceof Refused) throw error
          // Whatever it is, the word is not in the journal: the component is to keep it and to say it again.
          onFault(error)
          throw Refused.by('busy')
        }
      },
    }),
  )
  return () => {
    for (const end of ends) end()
  }
}
