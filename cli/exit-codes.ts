/**
 * Every way in which the command can end, as one table; README.md shows it, and a test keeps the two alike.
 * The numbers are stable. 128 + n stays with signals.
 */
import type { FileTransferCode } from '../client-plugin/index.js'
import type { OwnCode } from './words.js'

export const exits = {
  done: { exit: 0, means: 'Done: what was asked for happened, and was verified.' },
  fault: { exit: 1, means: 'A fault of the program, or something nobody foresaw.' },
  usage: { exit: 2, means: 'The command line is wrong.' },
  account: {
    exit: 3,
    means:
      'No account, or a setting is broken, or its file (or the component’s) is, or is readable by others.',
  },
  password: { exit: 4, means: 'The server refused the password.' },
  server: { exit: 5, means: 'The server cannot be reached.' },
  component: { exit: 6, means: 'The component is unknown to the server, is away, or refused.' },
  file: {
    exit: 7,
    means: 'A local file or folder is missing, unreadable, or of the wrong kind, or its name cannot be used.',
  },
  unreachable: { exit: 8, means: 'The other device cannot be reached; the transfer can be resumed.' },
  declined: { exit: 9, means: 'The other side said no, has no such file, or did not answer in time.' },
  aborted: { exit: 10, means: 'The transfer was aborted, here or by the other side.' },
  disk: { exit: 11, means: 'The disk is full or failed; the transfer can be resumed.' },
  conflict: { exit: 12, means: 'The file changed, is there already, or is not what was promised.' },
  state: { exit: 13, means: 'The state folder is in use, of another account, or unusable.' },
  port: { exit: 14, means: 'A port is in use.' },
  unknown: {
    exit: 15,
    means: 'There is no such transfer, share, saved search, device or number, or it is past that.',
  },
  paused: { exit: 16, means: 'Paused, here or by the other side; the transfer can be resumed.' },
  device: {
    exit: 17,
    means: 'The other side shows a device that is not known here; trust it, and the transfer can be resumed.',
  },
  unanswered: {
    exit: 18,
    means: 'Nobody has answered yet; the offer stands, and `jabberfs serve` or `receive` goes on with it.',
  },
  interrupted: { exit: 130, means: 'Interrupted by Ctrl-C; what was moving is paused and can be resumed.' },
} as const

export type Exit = keyof typeof exits

const byCode: Record<FileTransferCode | OwnCode, Exit> = {
  usage: 'usage',
  'no-account': 'account',
  'bad-config': 'account',
  'config-readable-by-others': 'account',
  'wrong-password': 'password',
  'server-unreachable': 'server',
  'connection-refused': 'server',
  'port-in-use': 'port',
  'holder-ended': 'state',
  unanswered: 'unanswered',
  'no-such-number': 'unknown',
  'no-such-watch': 'unknown',
  'no-such-device': 'unknown',
  'no-such-share': 'declined',
  'no-such-path': 'declined',
  interrupted: 'interrupted',
  'state-in-use': 'state',
  'state-unusable': 'state',
  'state-newer': 'state',
  'state-of-another-account': 'state',
  'bad-option': 'usage',
  stopped: 'paused',
  'component-unknown': 'component',
  'component-away': 'component',
  'component-refused': 'component',
  'too-many-devices': 'component',
  'too-many-offers': 'component',
  'not-served': 'component',
  'no-catalogue': 'component',
  quota: 'component',
  'unknown-share': 'unknown',
  'too-fast': 'component',
  'bad-peer': 'usage',
  'file-missing': 'file',
  'file-unreadable': 'file',
  'not-a-file': 'file',
  'one-file-only': 'usage',
  'file-too-large': 'conflict',
  'bad-name': 'file',
  'no-such-folder': 'file',
  'no-space': 'disk',
  io: 'disk',
  'already-there': 'conflict',
  declined: 'declined',
  'exists-there': 'conflict',
  'no-space-there': 'declined',
  'not-found': 'declined',
  'not-shared': 'declined',
  'no-source': 'declined',
  blocked: 'declined',
  taken: 'declined',
  expired: 'declined',
  aborted: 'aborted',
  'aborted-by-peer': 'aborted',
  'source-changed': 'conflict',
  'bad-data': 'conflict',
  'unknown-device': 'device',
  unreachable: 'unreachable',
  'no-relay': 'unreachable',
  paused: 'paused',
  'unknown-transfer': 'unknown',
  'wrong-state': 'unknown',
  cancelled: 'aborted',
  internal: 'fault',
}

/** The exit code for a code of the plugin's or of ours. A code of a newer plugin is a fault. */
export function exitOf(code: FileTransferCode | OwnCode): number {
  return exits[byCode[code] ?? 'fault'].exit
}
