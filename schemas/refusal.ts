/**
 * What is refused, and how (docs/protocol.md, "Errors"; RFC 6120, 8.3.3). One table says which condition and type a
 * situation gets; application conditions are small elements beside the condition. An error never carries back what
 * it refuses.
 */

import { Malformed } from './malformed.js'
import { nsErrors, nsStanzaErrors, nsTransfer } from './names.js'
import { wholeNumber } from './values.js'
import { type Element, localName, namespaceOf, xml } from './xml.js'

/** RFC 6120, 8.3.3. */
export const conditions = [
  'bad-request',
  'conflict',
  'feature-not-implemented',
  'forbidden',
  'gone',
  'internal-server-error',
  'item-not-found',
  'jid-malformed',
  'not-acceptable',
  'not-allowed',
  'not-authorized',
  'policy-violation',
  'recipient-unavailable',
  'redirect',
  'registration-required',
  'remote-server-not-found',
  'remote-server-timeout',
  'resource-constraint',
  'service-unavailable',
  'subscription-required',
  'undefined-condition',
  'unexpected-request',
] as const
export type Condition = (typeof conditions)[number]

/** RFC 6120, 8.3.2. `wait` means: the same again later may do. */
export const errorTypes = ['auth', 'cancel', 'continue', 'modify', 'wait'] as const
export type ErrorType = (typeof errorTypes)[number]

/** What we refuse, as condition and type. The keys are stable names for code, logs and messages. */
export const refusals = {
  /** A payload, number, base64 or word that cannot be read; with `field`. */
  malformed: { condition: 'bad-request', type: 'modify' },
  /** The payload claims another author than the stanza's `from`. */
  'wrong-author': { condition: 'bad-request', type: 'modify' },
  'jid-malformed': { condition: 'jid-malformed', type: 'modify' },
  'unknown-namespace': { condition: 'service-unavailable', type: 'cancel' },
  /** Our namespace, but no action we know; with `unsupportedVersion`. */
  'unknown-action': { condition: 'feature-not-implemented', type: 'cancel' },
  /** There is none, or it is no business of the asker's; with `expired` to a party. */
  'not-found': { condition: 'item-not-found', type: 'cancel' },
  /** A party, but this action is not its own. */
  forbidden: { condition: 'forbidden', type: 'auth' },
  /** Not in this state, or an older attempt; with `state`. */
  'wrong-state': { condition: 'unexpected-request', type: 'wait' },
  /** No device is logged in under this full JID; with `loginRequired`. */
  'login-required': { condition: 'unexpected-request', type: 'wait' },
  /** The id is taken by something else. */
  conflict: { condition: 'conflict', type: 'cancel' },
  /** The other device of a running transfer is away; one `ready` follows. */
  'peer-away': { condition: 'recipient-unavailable', type: 'wait' },
  /** A name, with `badName`; a size, with `fileTooLarge`; a missing or weak hash; a candidate. */
  'not-acceptable': { condition: 'not-acceptable', type: 'modify' },
  /** With `stanzaTooBig`. */
  'too-big': { condition: 'policy-violation', type: 'modify' },
  /** Too often; with `retry`. */
  'too-often': { condition: 'policy-violation', type: 'wait' },
  /** Too much is pending or stored; with `quota`. */
  quota: { condition: 'resource-constraint', type: 'wait' },
  /** Overload, a full queue, a busy or full disk, or shutting down; with `retry`. */
  busy: { condition: 'resource-constraint', type: 'wait' },
  /** A bug, with an id to look for in the log. */
  internal: { condition: 'internal-server-error', type: 'cancel' },
} as const satisfies Record<string, { condition: Condition; type: ErrorType }>

export type RefusalCode = keyof typeof refusals

/** An application condition, as the reader gives it. */
export type AppCondition =
  | { name: 'field'; field: string }
  | { name: 'unsupported-version' }
  | { name: 'expired' }
  | { name: 'state'; state: string; attempt?: number }
  | { name: 'file-too-large'; max: number }
  | { name: 'bad-name' }
  | { name: 'stanza-too-big' }
  | { name: 'retry'; afterSeconds: number }
  | { name: 'quota'; used: number; max: number }
  | { name: 'login-required' }

const number = wholeNumber(0)
/** A peer's wish to wait longer than this is not heeded, in seconds. */
export const maxRetrySeconds = 3_600

/** `<field name='offer/file[1]/filesize'/>`: what could not be read. */
export const field = (name: string): Element => xml('field', { xmlns: nsTransfer, name: name.slice(0, 200) })

/** `<unsupported-version/>`: this namespace, but not this action or version of it. */
export const unsupportedVersion = (): Element => xml('unsupported-version', { xmlns: nsTransfer })

/** `<expired/>`: it was there, and has ended. Only ever said to a party. */
export const expired = (): Element => xml('expired', { xmlns: nsTransfer })

/** `<state attempt='2'>running</state>`: where the transfer is. */
export const state = (name: string, attempt?: number): Element =>
  xml(
    'state',
    { xmlns: nsTransfer, attempt: attempt === undefined ? undefined : number.write(attempt) },
    name,
  )

/** `<file-too-large max='…'/>`, in bytes. */
export const fileTooLarge = (max: number): Element =>
  xml('file-too-large', { xmlns: nsTransfer, max: number.write(max) })

/** `<bad-name/>`: no safe name can be made of this one. */
export const badName = (): Element => xml('bad-name', { xmlns: nsTransfer })

/** XEP-0205: `<stanza-too-big xmlns='urn:xmpp:errors'/>`. */
export const stanzaTooBig = (): Element => xml('stanza-too-big', { xmlns: nsErrors })

/** `<retry after='…'/>`, in seconds. */
export const retry = ({ afterSeconds }: { afterSeconds: number }): Element =>
  xml('retry', { xmlns: nsTransfer, after: number.write(Math.ceil(afterSeconds)) })

/** `<quota used='…' max='…'/>` */
export const quota = (used: number, max: number): Element =>
  xml('quota', { xmlns: nsTransfer, used: number.write(used), max: number.write(max) })

/** `<login-required/>`: say `login` first, then this again. */
export const loginRequired = (): Element => xml('login-required', { xmlns: nsTransfer })

/** What an `<error/>` says. */
export interface RefusalShape {
  condition: Condition
  type: ErrorType
  /** The application condition's element. */
  app?: Element
  /** For a person or a log; never the only place where something is said. */
  text?: string
}

/** Writes `<error/>`. */
export function writeRefusal({ condition, type, app, text }: RefusalShape): Element {
  return xml(
    'error',
    { type },
    xml(condition, { xmlns: nsStanzaErrors }),
    text !== undefined && xml('text', { xmlns: nsStanzaErrors }, text),
    app,
  )
}

/** What {@link readRefusal} gives. */
export interface ReadRefusal {
  condition: Condition
  type: ErrorType
  app?: AppCondition
  text?: string
}

const knownConditions: ReadonlySet<string> = new Set(conditions)
const knownTypes: ReadonlySet<string> = new Set(errorTypes)
const maxText = 500

/**
 * Reads `<error/>`, or its absence. Never throws: what cannot be understood is `undefined-condition`/`cancel`, and an
 * application condition that is not well made is left out.
 */
export function readRefusal(error: Element | undefined): ReadRefusal {
  const refusal: ReadRefusal = { condition: 'undefined-condition', type: 'cancel' }
  if (!error) return refusal
  if (knownTypes.has(error.attrs.type ?? '')) refusal.type = error.attrs.type as ErrorType
  for (const child of error.children) {
    if (typeof child === 'string') continue
    const name = localName(child)
    const ns = namespaceOf(child)
    if (ns === nsStanzaErrors && name === 'text') refusal.text ??= child.getText().slice(0, maxText)
    else if (ns === nsStanzaErrors && knownConditions.has(name)) refusal.condition = name as Condition
    else if (refusal.app === undefined) {
      const app = readApp(child, name, ns)
      if (app) refusal.app = app
    }
  }
  return refusal
}

function readApp(element: Element, name: string, ns: string | undefined): AppCondition | undefined {
  if (ns === nsErrors && name === 'stanza-too-big') return { name }
  if (ns !== nsTransfer) return undefined
  try {
    switch (name) {
      case 'unsupported-version':
      case 'expired':
      case 'bad-name':
      case 'login-required':
        return { name }
      case 'field':
        return { name, field: (element.attrs.name ?? '').slice(0, 200) }
      case 'state': {
        const { attempt } = element.attrs
        const state = element.getText().slice(0, 64)
        return attempt === undefined ? { name, state } : { name, state, attempt: number.read(attempt) }
      }
      case 'file-too-large':
        return { name, max: number.read(element.attrs.max ?? '') }
      case 'retry':
        return { name, afterSeconds: Math.min(number.read(element.attrs.after ?? ''), maxRetrySeconds) }
      case 'quota':
        return {
          name,
          used: number.read(element.attrs.used ?? ''),
          max: number.read(element.attrs.max ?? ''),
        }
      default:
        return undefined
    }
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}
