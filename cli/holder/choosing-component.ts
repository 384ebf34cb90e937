/**
 * Which component files are to go through, at `login`: one that is named or remembered is asked what it is before it counts, since a
 * name that was mistyped, or that its operator has changed, would else be kept for ever.
 */
import { findComponent, lookAtComponent, type XmppEntity } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'
import { showable } from '../showable.js'

export interface Wanted {
  /** On the command line or in the environment; it may be of another server. */
  named: string | undefined
  /** In the account's file. */
  remembered: string | undefined
}

export interface Chosen {
  component?: string
  /** It is kept although it did not answer: nothing else was found. */
  isSilent: boolean
  /** The one that was remembered, where it is replaced, and a sentence that says so. */
  instead?: { of: string; says: string }
}

/** @throws CommandFailed `component-unknown` where the one that was named is none */
export async function chooseComponent(entity: XmppEntity, { named, remembered }: Wanted): Promise<Chosen> {
  const asked = named ?? remembered
  const look = asked === undefined ? undefined : await lookAtComponent(entity, asked)
  if (look === 'ours') return { component: asked!, isSilent: false }
  const found = await findComponent(entity).catch(() => undefined)
  if (named !== undefined) throw notIt(named, look === 'silent', found)
  if (remembered === undefined) return { ...(found !== undefined && { component: found }), isSilent: false }
  if (found !== undefined) {
    const replaced = `it is replaced by ${showable(found)}, which the server lists`
    const sentence = `${showable(remembered)} ${says(look === 'silent')}; ${replaced}`
    return { component: found, isSilent: false, instead: { of: remembered, says: sentence } }
  }
  // It may be away; what says that it is something else is not.
  return look === 'silent' ? { component: remembered, isSilent: true } : { isSilent: false }
}

const says = (isSilent: boolean) =>
  isSilent ? 'does not answer' : 'answers, and is no file transfer component'

function notIt(named: string, isSilent: boolean, found: string | undefined): CommandFailed {
  const listed = found === undefined ? 'lists none' : `lists ${showable(found)}`
  const without =
    found === undefined ? 'Ask its operator for the name' : 'Log in without --component to take that one'
  const untried = isSilent ? '; if it is the right one and only away, --no-check sets it untried' : ''
  return new CommandFailed(
    'component-unknown',
    `${showable(named)} ${says(isSilent)}; the server ${listed}. Nothing was changed.`,
    `${without}${untried}.`,
  )
}
