/** What administrators do to the component: whom they keep out is kept with the catalogue, and turned away at the gate. */

import type { Catalogue } from '../catalogue/catalogue.js'
import { later } from '../desk/refusing.js'
import type { Administration } from './admin-commands.js'

/** Joins it to the gate, which knows from now on who is kept out. */
export async function administrationOf(
  catalogue: Pick<Catalogue, 'keepOut' | 'keptOut'>,
  gate: { readonly keptOut: Set<string> },
  figures: Administration['figures'],
): Promise<Administration> {
  const kept = await catalogue.keptOut()
  if (Array.isArray(kept)) for (const who of kept) gate.keptOut.add(who)
  return {
    figures,
    keptOut: () => [...gate.keptOut].sort(),
    async keepOut(who, isKeptOut) {
      const refusal = await catalogue.keepOut(who, isKeptOut)
      if (refusal !== undefined) throw later()
      if (isKeptOut) gate.keptOut.add(who)
      else gate.keptOut.delete(who)
    },
  }
}
