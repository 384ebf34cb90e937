/**
 * Whether a file is one that this user made. Not everywhere is it his: a server may give all files to one owner (NFS with
 * `all_squash`), and who mounts a disk or another machine's folder may say whose all of it is (SFTP, SMB, FAT).
 */

import { randomBytes } from 'node:crypto'
import { type BigIntStats, closeSync, constants, fstatSync, openSync, unlinkSync } from 'node:fs'
import type { Directory } from './directory.js'

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants

/** Whether it belongs to this user, or to whom his files in that folder belong. Never throws. */
export function isOurs({ uid }: BigIntStats, directory: Directory): boolean {
  const own = process.geteuid?.()
  return own === undefined || uid === BigInt(own) || uid === ownerHere(directory)
}

/** To whom a file belongs that is made here: it is tried. */
function ownerHere(directory: Directory): bigint | undefined {
  try {
    const path = directory.at(`.jabberfs-${randomBytes(8).toString('hex')}.part`)
    const fd = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      return fstatSync(fd, { bigint: true }).uid
    } finally {
      closeSync(fd)
      unlinkSync(path)
    }
  } catch {
    return undefined
  }
}
