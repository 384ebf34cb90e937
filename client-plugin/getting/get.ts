/**
 * Getting what somebody shares, or a content from whoever has it; what is unfinished of the very same goes on.
 */

import type { AcceptOptions, Transfer, Wanted } from '../api.js'
import { follow } from '../proposal/follow.js'
import type { Front } from '../proposal/front.js'
import { type Beginning, tellBegun } from '../proposal/own.js'
import type { Register } from '../register.js'
import type { AnyTransfer } from '../transfer/kinds.js'
import { draftGet } from './draft-get.js'
import { followGetting, type Gettings } from './gettings.js'
import { isTheSame, type WantedByName } from './unfinished.js'

export interface GetAround {
  readonly register: Register
  readonly gettings: Gettings
  readonly front: Front
  propose(transfer: AnyTransfer, options: Beginning): Promise<Transfer>
  resume(key: string, options: Pick<AcceptOptions, 'path'>): Promise<Transfer[]>
  tell(transfer: Transfer): void
}

/** @throws FileTransferError `not-found`, and as `accept` of an offer */
export async function get(around: GetAround, wanted: Wanted, options: AcceptOptions): Promise<Transfer> {
  const before = await unfinished(around, wanted, options)
  if (before !== undefined) return before
  const { register, gettings, front } = around
  if ('share' in wanted) {
    const transfer = await draftGet(register, wanted, options)
    front.wish(transfer, options)
    return around.propose(transfer, options)
  }
  const getting = await gettings.begin({ root: wanted.root }, wanted.filename, options)
  around.tell(getting)
  tellBegun(getting, options, register.around.report)
  return getting
}

/** What is unfinished of the very same, going on; undefined where there is no such. */
export async function unfinished(
  { register, gettings, resume }: Pick<GetAround, 'register' | 'gettings' | 'resume'>,
  wanted: Wanted | WantedByName,
  options: AcceptOptions,
): Promise<Transfer | undefined> {
  const pursued = gettings.all().find((one) => !one.isOver && isTheSame(one.record, wanted, options))
  const asked = register.all().find((one) => !one.isOver && isTheSame(one.record, wanted, options))
  const before = pursued ?? asked
  if (before === undefined) return undefined
  tellBegun(before, options, register.around.report)
  await resume(before.key, options.path === undefined ? {} : { path: options.path })
  if (pursued !== undefined) followGetting(pursued, options.signal)
  else if (asked !== undefined) follow(asked, options.signal)
  return before
}
