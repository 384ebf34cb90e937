/**
 * An offer or a request is journaled, and said until the component has it: that one may be away for hours. Who has waited enough until then
 * follows it as it stands, and it is said when the component is back.
 */
import type { Transfer } from '../../client-plugin/index.js'

/** What the plugin calls when it is journaled. */
type OnBegun = (transfer: Transfer) => void

/**
 * @param begin resolves when it is said, rejects where it cannot be
 * @param enough resolves when nobody waits for that any more
 */
export function begun(
  begin: (onBegun: OnBegun) => Promise<Transfer>,
  enough: Promise<unknown>,
): Promise<Transfer> {
  let onBegun: OnBegun = () => {}
  const unsaid = new Promise<Transfer>((resolve) => {
    onBegun = resolve
  })
  return Promise.race([begin(onBegun), enough.then(() => unsaid)])
}
