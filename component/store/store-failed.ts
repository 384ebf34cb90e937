/** How the store fails: by a stable code, with what to do about it. */

export type StoreFailedCode =
  /** Another process holds it. */
  | 'state-in-use'
  /** It was made by a newer version. */
  | 'state-newer'
  /** It is somebody else's, or no database at all. */
  | 'state-foreign'
  /** It is damaged. */
  | 'state-damaged'
  /** It cannot be written now: the disk is full, failing, or read-only. */
  | 'state-unwritable'
  /** It cannot be opened or made. */
  | 'state-unreachable'
  /** The component is stopping. */
  | 'state-closed'

export class StoreFailed extends Error {
  override name = 'StoreFailed'
  readonly code: StoreFailedCode

  constructor(code: StoreFailedCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** SQLite's codes for a world that fails, as against a bug of ours. */
const faults: readonly [prefix: string, code: StoreFailedCode][] = [
  ['SQLITE_FULL', 'state-unwritable'],
  ['SQLITE_IOERR', 'state-unwritable'],
  ['SQLITE_READONLY', 'state-unwritable'],
  ['SQLITE_NOMEM', 'state-unwritable'],
  ['SQLITE_BUSY', 'state-in-use'],
  ['SQLITE_LOCKED', 'state-in-use'],
  ['SQLITE_CANTOPEN', 'state-unreachable'],
  ['SQLITE_PERM', 'state-unreachable'],
  ['SQLITE_AUTH', 'state-unreachable'],
  ['SQLITE_CORRUPT', 'state-damaged'],
  ['SQLITE_NOTADB', 'state-foreign'],
]

/** The code of a fault of the world, or `undefined` for anything else (a bug). */
export function faultOf(error: unknown): StoreFailedCode | undefined {
  if (error instanceof StoreFailed) return error.code
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return faults.find(([prefix]) => code.startsWith(prefix))?.[1]
}
