/**
 * What is wrong with a stream so badly that it must end (RFC 6120 §4.9.3, §11.1): the text is no XML, or it uses a part of XML that XMPP forbids.
 * It is the server's fault, never one user's: servers parse what users send. The stream is closed with `condition` and opened again.
 */
export type FaultCondition = 'not-well-formed' | 'restricted-xml' | 'policy-violation' | 'bad-format'

export class StreamFault extends Error {
  readonly code = 'stream-fault'
  override readonly name = 'StreamFault'
  constructor(
    /** The stream error that we send before we close. */
    readonly condition: FaultCondition,
    message: string,
  ) {
    super(message)
  }
}
