/** The public shape of a diagnosis: types only. */

/** What is looked at, in this order. */
export type Leg =
  /** the stream to the server */
  | 'account'
  /** the component, and the login there */
  | 'component'
  | 'clock'
  /** the folder with the key and the journal, and the disk that it is on */
  | 'state'
  /** a port of this machine, reached from itself */
  | 'listening'
  /** how this machine looks from outside (STUN) */
  | 'outer-address'
  /** a port at the router (UPnP-IGD, NAT-PMP, PCP) */
  | 'mapping'
  /** somebody outside dials this machine: the TURN server does it */
  | 'from-outside'
  /** the server’s SOCKS5 proxy, through it to oneself */
  | 'proxy'
  /** the server’s TURN server, through it to oneself */
  | 'turn'
  /** the component's port for whole lists, by which a large folder is published at once */
  | 'lists'

/**
 * `works`; `weak`: it works, and not as well as it could; `absent`: it is not there, and need not be; `fails`: it is there,
 * or has to be, and does not work; `skipped`: it was not tried, and `says` why.
 */
export type Verdict = 'works' | 'weak' | 'absent' | 'fails' | 'skipped'

export interface Finding {
  leg: Leg
  verdict: Verdict
  /** One or two sentences, without addresses. */
  says: string
  /** What to do, one or two sentences; undefined where there is nothing. */
  todo?: string
  /** For programs, and for who wants to see more: addresses are here. */
  facts: Readonly<Record<string, string | number | boolean>>
  /** How long it took. */
  ms: number
}

export interface DiagnoseOptions {
  signal?: AbortSignal
  /** Hears each finding as soon as it can be told in the order of the legs. */
  onFinding?: (finding: Finding) => void
}
