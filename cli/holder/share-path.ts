/**
 * A path as people write it: the name of somebody's share (or its id), then the path in it. The names are strangers'
 * words: they are compared, and nothing else.
 */
import type { CatalogueClient, PeerShare } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'

export interface Place {
  share: PeerShare
  /** Below the share; '' is its first folder. */
  path: string
  /** How the share is written in paths: its name where that says which, else its id. */
  label: string
}

/** More shares of one person are not looked through. */
const mostShares = 1_000

/** Where this may be; several where several shares have that name. @throws CommandFailed `no-such-share` */
export async function findPlaces(
  catalogue: CatalogueClient,
  peer: string,
  written: string,
  signal: AbortSignal,
): Promise<Place[]> {
  const shares = await allShares(catalogue, peer, signal)
  const wanted = written.replace(/^\/+|\/+$/g, '')
  const places = shares.flatMap((share) => {
    const path = below(share.id, wanted) ?? below(share.name, wanted)
    return path === undefined ? [] : [{ share, path, label: labelOf(share, shares) }]
  })
  if (places.length > 0) {
    // `Music/old` may be a share of that name, or a folder in `Music`: the longer name goes first.
    return places.sort((a, b) => a.path.length - b.path.length)
  }
  throw new CommandFailed(
    'no-such-share',
    `${peer} has no share “${wanted.split('/')[0]}” that you may see.`,
    `\`jabberfs browse ${peer}\` lists what there is.`,
  )
}

/** @throws CommandFailed `no-such-share` where the name says not which */
export function theOne(places: Place[], peer: string): Place {
  const [first, second] = places
  if (second === undefined || second.path.length > first!.path.length) return first!
  const ids = places.filter(({ path }) => path === first!.path).map(({ share }) => share.id)
  throw new CommandFailed(
    'no-such-share',
    `${peer} has ${ids.length} shares of that name.`,
    `Write the id of one instead of the name: ${ids.join(', ')}.`,
  )
}

async function allShares(
  catalogue: CatalogueClient,
  peer: string,
  signal: AbortSignal,
): Promise<PeerShare[]> {
  const shares: PeerShare[] = []
  let after: string | undefined
  do {
    const page = await catalogue.shares(peer, { max: 100, signal, ...(after === undefined ? {} : { after }) })
    shares.push(...page.items)
    after = page.next
  } while (after !== undefined && shares.length < mostShares)
  return shares
}

/** How a share is written: by a name that could be taken for nothing else. */
function labelOf(share: PeerShare, all: readonly PeerShare[]): string {
  const alike = all.filter(({ id, name }) => name.normalize() === share.name.normalize() || id === share.name)
  return alike.length > 1 || share.name.includes('/') || share.name.trim() === '' ? share.id : share.name
}

/** @returns what is left of the path below this name, undefined where it is not below it. */
function below(name: string, path: string): string | undefined {
  const [whole, start] = [path.normalize(), name.normalize()]
  if (whole === start) return ''
  if (!whole.startsWith(`${start}/`)) return undefined
  // The path itself stays as it was written: it is compared with what was published.
  const exact = path.startsWith(`${name}/`) ? path.slice(name.length + 1) : whole.slice(start.length + 1)
  return exact
}
