/** A failure in words, as reports carry it. */
import type { FileTransferCode } from '../client-plugin/index.js'

/** What is wrong and what to do about it. `code` is one of the plugin's or of ours (exit-codes.ts). */
export interface Trouble {
  code: FileTransferCode | OwnCode
  says: string
  todo: string
}

/** Codes for what can fail before there is a plugin. */
export type OwnCode =
  | 'usage'
  | 'no-account'
  | 'bad-config'
  | 'config-readable-by-others'
  | 'wrong-password'
  | 'server-unreachable'
  | 'connection-refused'
  | 'port-in-use'
  | 'holder-ended'
  | 'unanswered'
  | 'no-such-number'
  | 'no-such-share'
  | 'no-such-path'
  | 'no-such-device'
  | 'no-such-watch'
  | 'interrupted'
