/**
 * The words of the command: orders go to whoever holds the state folder, reports come back.
 *
 * One vocabulary serves three: the holder in this process, a holder in another process (JSON lines over
 * the socket in the state folder), and `--json`, which prints the reports as they are. So a report is plain
 * JSON, and text of a peer is in it as it came: whoever shows it escapes it.
 */

import type { OnConflict, PathPolicy, PathTaken, TransferState } from '../client-plugin/index.js'
import type { CatalogueOrder, CatalogueReport } from './catalogue-words.js'
import type { DeviceAnswer, DeviceOrder, DeviceReport } from './device-words.js'
import type { DoctorOrder, DoctorReport } from './doctor-words.js'
import type { PathOrder, PathReport } from './path-words.js'
import type { Trouble } from './trouble.js'

export type { OwnCode, Trouble } from './trouble.js'

/** What `get` is to get. */
export type Wish =
  /** A file that somebody serves from a folder, by its name. */
  | { by: 'name'; peer: string; name: string }
  /** As `browse` shows it: the share's name or id, and the path in it; a file, or a folder with all that is below. */
  | { by: 'path'; peer: string; path: string }
  /** A content, from whoever has it. */
  | { by: 'root'; root: string; filename?: string }
  /** A transfer that has ended, once more. */
  | { by: 'again'; key: string }

/** What a command asks for. Paths are absolute: the holder may run in another folder. */
export type Order =
  | {
      order: 'send'
      peer: string
      paths: string[]
      description?: string
      everyDevice?: boolean
      /** How long to wait for an answer; as long as it takes, where it is not said. */
      waitSeconds?: number
      expiresSeconds?: number
      path?: PathPolicy
      /** `false`: no plain message to whom does not answer. */
      message?: false
    }
  | {
      order: 'get'
      wishes: Wish[]
      into: string
      /** What is asked for again goes where it was before. */
      intoAsBefore?: true
      onConflict: OnConflict
      as?: string
      path?: PathPolicy
      /** What to do when the other side has another file under that name. */
      other: 'take' | 'block' | 'ask'
    }
  | {
      order: 'receive'
      into: string
      onConflict: OnConflict
      /**
       * Whose offers are shown beside those of contacts (and, if there are any, whose requests are answered): bare JIDs, domains,
       * `contacts`, `everybody`.
       */
      from: string[]
      /** Whether theirs are accepted unasked. */
      unasked: boolean
      /** Whether the answers to the others' offers can be asked for. */
      asks: boolean
      serve?: string
      once: boolean
      path?: PathPolicy
    }
  /** With `all` also those that ended, the newest first. */
  | { order: 'transfers'; all?: true }
  /** It ends where nothing has moved for `waitSeconds`; not before all is done, where that is not said. */
  | { order: 'resume'; key?: string; waitSeconds?: number; path?: PathPolicy }
  /** With `discard`, what came of the file is removed at once; then it may have ended before. */
  | { order: 'abort'; key: string; discard?: true }
  | CatalogueOrder
  | DeviceOrder
  | DoctorOrder
  | PathOrder

/** What a command says while its order is carried out. */
export type Remark =
  /** To an offer (`to` is its sid), to another file than the wanted one (the transfer's key), to `page`: more? */
  | { remark: 'answer'; to: string; accept: boolean; always?: boolean }
  /** To a question about a device that is not known. */
  | { remark: 'device'; device: string; answer: DeviceAnswer }
  /** What this order started is to be paused. */
  | { remark: 'pause' }

/** One transfer, named the same way in each report. */
export interface Named {
  /** Counts the transfers of the holding process; what was `key` may become the sid. */
  no: number
  /** What `abort` and `resume` take. */
  key: string
  direction: 'sending' | 'receiving'
  peer: string
  filename: string
  filesize?: number
}

/** Another device of ours took it, or another `receive` on this one; its author took it back; its time was over. */
export type OfferEnd = 'taken' | 'taken-here' | 'withdrawn' | 'expired'

export type Report =
  /** `login` has written the account's file; without `component` where none was found. It is there `instead` of one that was remembered. */
  | { report: 'account'; jid: string; file: string; component?: string; instead?: string }
  | { report: 'connected'; jid: string; component: string }
  /** The server or the component went away while the command runs, or is away for who begins to go through another; it is tried again by itself. */
  | ({ report: 'away' } & Trouble)
  | { report: 'back' }
  /** Orders go to another process, which holds the state folder. */
  | { report: 'relayed'; pid: number }
  /** A daemon that waited for its server finds that another process has the state by then; it goes on when that one ends. */
  | { report: 'held-by-another'; pid: number }
  /**
   * `device` where it is what one of several devices has of the offer before it; `devices` with an offer to every one: how many have
   * accepted and have it. `earlierKey` names it as well.
   */
  | ({
      report: 'transfer'
      state: TransferState
      bytes: number
      device?: string
      devices?: { have: number; of: number }
      earlierKey?: string
      path?: PathTaken
      trouble?: Trouble
    } & Named)
  /** `place` is that in the other side's queue, 1 the next. */
  | ({ report: 'state'; state: TransferState; place?: number; trouble?: Trouble } & Named)
  | ({
      report: 'progress'
      bytes: number
      total: number
      bytesPerSecond: number
      secondsLeft?: number
      resumedFrom: number
      attempt: number
      path?: PathTaken
    } & Named)
  /**
   * `wasThere`: the very same file was here already, and nothing was fetched. `stands`: of an offer to every device, which
   * others of theirs may still accept.
   */
  | ({
      report: 'finished'
      path: string
      root: string
      bytes: number
      bytesMoved: number
      wasThere?: true
      stands?: true
    } & Named)
  /** How that of a whole folder comes on; `files` is how many there are, where that is known. */
  | {
      report: 'folder-getting'
      peer: string
      path: string
      fetched: number
      bytes: number
      there: number
      failed: number
      files?: number
    }
  /** A whole folder was got: so many files came, with so many bytes, were here already, or did not come; not `isWhole`: it was left. */
  | {
      report: 'folder-got'
      peer: string
      path: string
      fetched: number
      bytes: number
      there: number
      failed: number
      isWhole: boolean
    }
  /** This run of it is over, otherwise than complete; `state` says where that leaves it. */
  | ({ report: 'failed'; state: TransferState; resumable: boolean } & Trouble & Named)
  /** It has ended, and so many bytes that came are kept for so many days after the end, in this hidden file. */
  | ({ report: 'left'; path: string; bytes: number; days: number } & Named)
  /** What had come of a transfer that ended was removed, or there was nothing. */
  | { report: 'discarded'; key: string; removed: boolean }
  /** Somebody offers a file; `asked` says that an answer is awaited. */
  | {
      report: 'offer'
      sid: string
      peer: string
      filename: string
      filesize: number
      description?: string
      /** Whether they are a contact of ours, or another device of ours. */
      contact: boolean
      asked: boolean
    }
  /** An offer that was shown, and is none any more, without having been answered here; `sid` is the offer's. */
  | { report: 'offer-gone'; sid: string; peer: string; filename: string; why: OfferEnd }
  /** The other side has another file under the wanted name. */
  | ({ report: 'counter'; offered: string; offeredSize: number; asked: boolean } & Named)
  /** Somebody asked for a file of the served folder. */
  | { report: 'request'; peer: string; filename: string; answer: 'sent' | 'not-found' | 'policy' }
  /** There is no unfinished transfer. */
  | { report: 'nothing' }
  /** `from`: whose offers are heard. */
  | { report: 'listening'; into: string; from?: string[]; serve?: string }
  | CatalogueReport
  | DeviceReport
  | DoctorReport
  | PathReport
  | ({ report: 'error' } & Trouble)
  /** The order is done; the last report of each. */
  | { report: 'end'; exit: number }
