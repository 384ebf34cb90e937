/**
 * What can go wrong for the person who holds a transfer, as one table: a stable code, a sentence for
 * people, and what to do about it. The sentences never carry an address, a token or a peer's own text.
 */

interface Trouble {
  /** One sentence: what is wrong. */
  says: string
  /** One sentence: what to do. */
  todo: string
  /** True where the transfer stays in the journal and `resume()` can go on with it. */
  resumable?: true
}

/** Every code the plugin can give. The codes are stable; the sentences are not. */
export const troubles = {
  'state-in-use': {
    says: 'Another process holds this state folder.',
    todo: 'End the other process, or name another state folder.',
  },
  'state-unusable': {
    says: 'The state folder cannot be read or written.',
    todo: 'Check that the folder exists on a local disk, is yours, and has free space.',
  },
  'state-newer': {
    says: 'The state folder was written by a newer version.',
    todo: 'Use that newer version, or name another state folder.',
  },
  'state-of-another-account': {
    says: 'This state folder belongs to another account.',
    todo: 'Name a state folder for each account.',
  },
  'bad-option': { says: 'An option has a value that is not allowed.', todo: 'Correct the option named.' },
  stopped: {
    says: 'The file transfer was stopped in this program.',
    todo: 'Start the program again and resume.',
    resumable: true,
  },
  'component-unknown': {
    says: 'The server knows no such file transfer component.',
    todo: 'Check the name of the component, and that the server has it configured.',
  },
  'component-away': {
    says: 'The file transfer component does not answer at the moment.',
    todo: 'Wait: it is tried again by itself. If it stays away, tell the operator.',
    resumable: true,
  },
  'component-refused': {
    says: 'The file transfer component refused this.',
    todo: 'See the condition it gave.',
  },
  'too-many-devices': {
    says: 'The component takes no more devices of this person.',
    todo: 'All that it knows are there or have something under way: let one go, or ask the operator for more. It is tried again by itself.',
    resumable: true,
  },
  'too-many-offers': {
    says: 'Too many offers are waiting for this person.',
    todo: 'Wait until some were answered, or abort some.',
  },
  'not-served': {
    says: 'The catalogue of this component serves others, not this account.',
    todo: 'Its operator decides that, by `catalogue.users` in its configuration.',
  },
  'no-catalogue': {
    says: 'The file transfer component has no catalogue.',
    todo: 'Ask the operator for a newer version of the component.',
  },
  quota: {
    says: 'The component takes no more of this person.',
    todo: 'Share less, or ask the operator for more.',
  },
  'unknown-share': { says: 'There is no such share.', todo: 'List the shares that are there.' },
  'too-fast': { says: 'Too many requests in a short time.', todo: 'Try again in a minute.' },
  'bad-peer': { says: 'That is not a valid address of a person.', todo: 'Write it as name@server.' },
  'file-missing': { says: 'There is no such file.', todo: 'Check the path.' },
  'file-unreadable': { says: 'The file cannot be read.', todo: 'Check its permissions.' },
  'not-a-file': { says: 'That is not a regular file.', todo: 'Name a regular file; a folder can be shared.' },
  'one-file-only': { says: 'An offer can hold exactly one file so far.', todo: 'Send the files one by one.' },
  'file-too-large': {
    says: 'The file is larger than allowed.',
    todo: 'Raise the limit or name a folder on another disk, or refuse the file.',
  },
  'bad-name': {
    says: 'The file has a name that cannot be used here.',
    todo: 'Rename the file before it is sent, or keep it under another name.',
  },
  'no-such-folder': {
    says: 'The folder to receive into does not exist or cannot be written.',
    todo: 'Make the folder, or name another one.',
  },
  'no-space': {
    says: 'There is not enough free space for the file.',
    todo: 'Free some space, then resume.',
    resumable: true,
  },
  io: {
    says: 'Reading or writing a file failed.',
    todo: 'Check the disk, then resume.',
    resumable: true,
  },
  'already-there': { says: 'A file of that name is already there.', todo: 'Nothing was changed.' },
  declined: { says: 'The other side does not want this.', todo: 'Ask the person.' },
  'exists-there': {
    says: 'The other side has a file of that name already, and keeps it.',
    todo: 'If it is another file, send it under another name.',
  },
  'no-space-there': {
    says: 'The other side has no room for the file.',
    todo: 'Ask the person to make room.',
  },
  'not-found': { says: 'The other side has no such file.', todo: 'Check the name.' },
  'no-source': {
    says: 'Nobody who has this is there at the moment.',
    todo: 'Wait, or resume it later.',
    resumable: true,
  },
  'not-shared': { says: 'The file is not shared with the other side any more.', todo: 'Share it again.' },
  blocked: {
    says: 'The other side has another file under that name, and it was not wanted.',
    todo: 'Ask again without the part you hold.',
  },
  taken: { says: 'Another device has taken this offer.', todo: 'Look for the file on the other device.' },
  expired: { says: 'The offer has expired.', todo: 'Send it again.' },
  aborted: { says: 'The transfer was aborted here.', todo: 'Begin it again if that was a mistake.' },
  'aborted-by-peer': { says: 'The other side aborted the transfer.', todo: 'Ask the person.' },
  'source-changed': {
    says: 'The file was changed after it was offered.',
    todo: 'Offer it again: versions are never mixed.',
  },
  'bad-data': {
    says: 'What arrived is not what was promised.',
    todo: 'Ask the other side to check the file and to offer it again.',
  },
  'unknown-device': {
    says: 'This person shows a device that is not known here.',
    todo: 'Ask them whether it is theirs; if so, trust it, and the transfer goes on.',
    resumable: true,
  },
  unreachable: {
    says: 'No connection to the other device could be made.',
    todo: 'Check that one of the two can be reached from the other, then resume.',
    resumable: true,
  },
  'no-relay': {
    says: 'Only a relay may be used, and none is known of the server of this account.',
    todo: 'Ask its operator for one, or allow other paths. It is tried again by itself.',
    resumable: true,
  },
  paused: { says: 'The transfer is paused.', todo: 'Resume it when you like.', resumable: true },
  'unknown-transfer': { says: 'There is no such transfer.', todo: 'List the transfers that are there.' },
  'wrong-state': { says: 'That is not possible in the state the transfer is in.', todo: 'See its state.' },
  cancelled: { says: 'It was cancelled before it was said.', todo: 'Nothing was sent.' },
  internal: { says: 'A fault of this program.', todo: 'Please report it.', resumable: true },
} as const satisfies Record<string, Trouble>

export type FileTransferCode = keyof typeof troubles

/** What the plugin rejects with and reports. `message` is fit for people; `code` is for programs. */
export class FileTransferError extends Error {
  override readonly name = 'FileTransferError'
  /** Stable: one of {@link troubles}. */
  readonly code: FileTransferCode
  /** What to do about it, one sentence. */
  readonly todo: string
  /** True where the transfer stays in the journal and can be resumed. */
  readonly resumable: boolean
  /** What exactly, where there is more to say: an option's name, a local path, a stanza condition. */
  readonly detail: string | undefined

  constructor(code: FileTransferCode, detail?: string, options?: { cause?: unknown }) {
    const trouble: Trouble = troubles[code]
    super(detail ? `${trouble.says.slice(0, -1)}: ${detail}` : trouble.says, options)
    this.code = code
    this.todo = trouble.todo
    this.resumable = trouble.resumable ?? false
    this.detail = detail
  }
}
