/** Who has a content, as the catalogue says it, page after page. */

import type { CatalogueClient, Source } from '../api.js'

/** Sources of one content that are looked at. */
const mostSources = 300

/** Most useful first; the first few hundred. */
export async function sourcesOf(
  catalogue: Pick<CatalogueClient, 'sources'>,
  root: string,
  signal: AbortSignal,
): Promise<Source[]> {
  const all: Source[] = []
  for (let after: string | undefined; all.length < mostSources; ) {
    const page = await catalogue.sources(root, { ...(after && { after }), signal })
    all.push(...page.items)
    after = page.next
    // Where nothing is on a page, nothing is to be expected of the next, whatever is said.
    if (after === undefined || page.items.length === 0) break
  }
  return all
}
