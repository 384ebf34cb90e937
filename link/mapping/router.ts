/** What a router that maps ports looks like to us, whatever it speaks. */

export type MappingProtocol = 'pcp' | 'nat-pmp' | 'upnp'

/** A port of the router that leads to one of ours. */
export interface Mapping {
  /** The router's outer address, as it says. */
  ip: string
  /** The router's port. */
  port: number
  /** Our port. */
  inner: number
  /** Seconds for which the router keeps it; 0: until it is taken back. */
  lifetimeS: number
}

export interface MappingRouter {
  readonly protocol: MappingProtocol
  /**
   * Maps a TCP port of ours, or renews it where `before` is what is held. @throws Error with a stable `code`, when the
   * router does not
   */
  map(inner: number, before: Mapping | undefined): Promise<Mapping>
  /** Takes it back. @throws Error when the router does not say that it has */
  unmap(mapping: Mapping): Promise<void>
}

/** Seconds that are asked for: short enough that what a killed program leaves behind goes soon. */
export const wantedLifetimeS = 1_800

/** A router that says no, or says nothing. No address is ever in its text. */
export class MappingFailed extends Error {
  override name = 'MappingFailed'
  constructor(
    readonly protocol: MappingProtocol,
    readonly code: 'timeout' | 'refused' | 'malformed' | 'unreachable',
    /** The router's number, where it said one. */
    readonly status?: number,
    cause?: unknown,
  ) {
    super(
      `${protocol}: ${code}${status === undefined ? '' : ` ${status}`}`,
      cause === undefined ? undefined : { cause },
    )
  }
}
