/** What the test says to a peer's program, and what it hears. Plain JSON, over the channel of a child process. */

import type {
  AcceptOptions,
  FileTransferOptions,
  Hit,
  Progress,
  SearchQuery,
  ShareOptions,
  TransferState,
  Wanted,
} from '../../client-plugin/index.js'

/** How a program answers what comes in. */
export interface Manners {
  /** How offers are answered; `ask` leaves it to the test. */
  offers?: AcceptOptions | 'decline' | 'ask'
  /** The folder that requests are served from, by name; `decline`; without it there is no listener. */
  requests?: { serve: string } | 'decline'
  /** What becomes of another file put forward; without it there is no listener. */
  counters?: 'accept' | 'block'
  /** The size that is stated of whatever is served. */
  statedSize?: number
  /** What is announced in place of its own candidates, as XML. */
  candidates?: string
}

/** The calls are counted from 1. */
export interface CrashPoint {
  call: number
  when: 'before' | 'after'
}

/** A disk that gets slow in the middle of a file, so that a test has time to do what it wants to do there. */
export interface HeldUp {
  /** Long reads from here on, in bytes, are slow. */
  from: number
  /** How long each of them takes, in ms. */
  ms: number
}

export interface Login {
  jid: string
  password: string
  service: string
  /** Where the server is on another machine and offers no TLS. */
  allowUnencrypted?: boolean
}

export interface Orders {
  login: { with: Login; gives: null }
  /** Begins a plugin, in place of the one before. */
  begin: { with: { options: FileTransferOptions; manners: Manners }; gives: { device: string } }
  manners: { with: Manners; gives: null }
  send: {
    /** `heldUp`: once it is offered, before anything of it is sent. */
    with: { peer: string; path: string; hashFirst?: boolean; device?: string; heldUp?: HeldUp }
    gives: { key: string }
  }
  request: {
    with: { peer: string; filename: string; options: AcceptOptions }
    gives: { key: string }
  }
  /** Shares a folder; gives the share's id once all that is in it is in the catalogue. */
  share: { with: { folder: string; options?: ShareOptions }; gives: { id: string } }
  unshare: { with: { share: string }; gives: null }
  search: { with: SearchQuery; gives: readonly Hit[] }
  get: { with: { wanted: Wanted; options: AcceptOptions }; gives: { key: string } }
  answer: { with: { sid: string; accept?: AcceptOptions }; gives: null }
  abort: { with: { key: string }; gives: null }
  pause: { with: { key: string }; gives: null }
  resume: { with: { key?: string }; gives: { keys: string[] } }
  /** The end of a transfer, whichever. */
  finished: { with: { key: string }; gives: Ended }
  transfers: {
    with: null
    gives: { key: string; state: TransferState; filename: string; bytes: number; filesize?: number }[]
  }
  /** Cuts the TCP connection of the stream; it comes back by itself. */
  cut: { with: null; gives: null }
  /** Says an IQ set with this payload, and gives what came back. */
  say: { with: { to: string; payload: string }; gives: string }
  /** From now on nobody reaches a port of this program, or everybody does. */
  firewall: { with: { isUp: boolean }; gives: null }
  /** From now on, until `letGo` or `begin`. */
  holdUp: { with: HeldUp; gives: null }
  letGo: { with: null; gives: null }
  /** From now on: the program is killed at this one of the calls that make things durable or name them. */
  crash: { with: CrashPoint; gives: null }
  /** Trusts a device, or no more. */
  trust: { with: { peer: string; device: string; verified?: boolean }; gives: null }
  distrust: { with: { peer: string; device: string }; gives: null }
  /** Aborts what waits for devices that are not known. */
  refuse: { with: null; gives: null }
  /** The stanzas that this program said, as XML. */
  said: { with: null; gives: string[] }
  address: { with: null; gives: string }
  /** Ends plugin and stream. */
  stop: { with: null; gives: null }
}

export type Order = keyof Orders

export interface Ended {
  path?: string
  root?: string
  bytesMoved?: number
  wasThere?: boolean
  /** Of the error. */
  code?: string
  resumable?: boolean
}

export interface News {
  offer: {
    sid: string
    peer: string
    filename: string
    filesize: number
    description?: string
    deviceLook: string
  }
  request: { sid: string; peer: string; filename: string; filebytesdone: number }
  /** An offer that cannot be answered any more. */
  gone: { sid: string; code: string }
  counter: { key: string; filesize: number }
  state: { key: string; state: TransferState; code?: string }
  progress: { key: string; progress: Progress }
  /** Its place in the other side's queue. */
  queue: { key: string; place: number }
  transfer: { key: string; direction: string }
  /** A device that is not known, and those that are. */
  device: { peer: string; device: string; known: string[] }
  ready: null
  away: { code: string }
  trouble: { code: string; message: string }
}

export type NewsName = keyof News
