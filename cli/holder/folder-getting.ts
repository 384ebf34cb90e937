/**
 * `get JID FOLDER/`: all files of a folder that somebody shares, a few at a time and in the order of the list, the same folders here.
 * What is here already is not fetched, so that the same command goes on where it ended; one line sums it up.
 */
import {
  type AcceptOptions,
  type FileTransfer,
  type FileTransferError,
  partOfSlot,
  type SharedFolder,
  wholeFolder,
} from '../../client-plugin/index.js'
import { exitOf, exits } from '../exit-codes.js'
import { CommandFailed, notBegun, troubleOf } from '../failure.js'
import { begun } from './begun.js'
import { type Conversation, leaving } from './conversation.js'
import { FolderSum } from './folder-sum.js'
import { follow } from './follow.js'
import type { Place } from './share-path.js'
import { WhatMatters } from './what-matters.js'

/**
 * As many as one peer serves at once by default, and one that waits for its turn, so that there is no gap. Of small files four are
 * asked for where one large one would be, as they are served; the component takes 16 requests that are not answered yet.
 */
const atOnce = 3

/** With these one file ends and the others go on; any other end would be that of each. */
const onlyOfOne: ReadonlySet<number> = new Set([
  exits.done.exit,
  exits.declined.exit,
  exits.conflict.exit,
  exits.file.exit,
  exits.aborted.exit,
])

/**
 * @returns the exit code: the first that is not 0 speaks for all
 */
export async function getFolder(
  files: FileTransfer,
  { peer, share, path, label }: Place & { peer: string },
  options: AcceptOptions,
  conversation: Conversation,
  other: 'take' | 'block' | 'ask',
): Promise<number> {
  const folder: SharedFolder = { peer, share: share.id, path }
  const filename = options.filename ?? (path === '' ? share.name : undefined)
  const wish = { ...options, ...(filename !== undefined && { filename }) }
  const { signal, left, stop } = leaving(conversation)
  const sum = new FolderSum(peer, { share, path, label }, conversation)
  const running = new Map<Promise<void>, number>()
  let exit: number = exits.done.exit
  let goesOn = true
  let hasBegun = false
  let isWhole = false
  const ends = (code: number) => {
    // What was paused with the command has not failed.
    if (signal.aborted) return
    if (exit === exits.done.exit) exit = code
    if (code !== exits.done.exit) sum.failed()
    if (!onlyOfOne.has(code)) goesOn = false
  }
  const say = (path: string, error: unknown) => {
    if (signal.aborted) return
    const trouble = notBegun(troubleOf(error), 'get the folder again')
    conversation.report({ report: 'error', ...trouble, says: `${path}: ${trouble.says}` })
    ends(exitOf(trouble.code))
  }
  const matters = new WhatMatters(conversation, (bytes) => sum.fetched(bytes))
  const quiet = { ...conversation, report: matters.report }
  try {
    for await (const { wanted, into, there, trouble } of wholeFolder(files, folder, { ...wish, signal })) {
      if (!hasBegun) void sum.count(files.catalogue, { share, path, label }, signal)
      hasBegun = true
      if (there !== undefined) sum.there()
      else if (trouble !== undefined) say(wanted.path, trouble)
      else {
        const { filename: _ofTheFolder, ...each } = options
        const one = begun((onBegun) => files.get(wanted, { ...each, into, onBegun }), left).then(
          async (transfer) => ends(await follow(transfer, quiet, { other, files })),
          (error) => say(wanted.path, error),
        )
        running.set(one, partOfSlot(wanted.filesize))
        one.finally(() => running.delete(one))
        while (taken(running) >= atOnce) await Promise.race(running.keys())
      }
      if (!goesOn || signal.aborted) break
    }
    await Promise.all(running.keys())
    isWhole = goesOn && !signal.aborted
  } catch (error) {
    await Promise.all(running.keys())
    const { code } = error as FileTransferError
    if (code !== 'cancelled' && !hasBegun)
      throw code === 'not-found' ? noSuchFolder(peer, sum.path, error) : error
    if (code !== 'cancelled') say(sum.path, error)
  } finally {
    stop()
    matters.stop()
  }
  sum.end(isWhole)
  return exit === exits.done.exit && !isWhole ? exits.interrupted.exit : exit
}

function taken(running: ReadonlyMap<unknown, number>): number {
  let sum = 0
  for (const part of running.values()) sum += part
  return sum
}

function noSuchFolder(peer: string, path: string, cause: unknown): CommandFailed {
  const todo = `\`jabberfs browse ${peer}\` shows what there is.`
  return new CommandFailed('no-such-path', `${peer} has no folder “${path}” that you may get.`, todo, {
    cause,
  })
}
