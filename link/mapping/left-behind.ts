/**
 * What a killed program of ours left mapped at a router that keeps mappings for ever. It is told by its description, by leading
 * to this machine, and by nobody's listening there any more: nothing need be on the disk for it, and a mapping that another
 * program of this machine uses stays.
 */

import { createServer } from 'node:net'
import { fieldOf } from './router-xml.js'

/** Entries that are looked at, and of them taken back. */
const mostEntries = 64
const mostTaken = 8

/** Says an action to the router; rejects where it refuses, as behind its last entry. */
export type Call = (action: string, given: Record<string, string | number>) => Promise<string>

/**
 * Takes them back. Never rejects: a router that does not list its mappings keeps them.
 * @param own our address on the router's side
 */
export async function takeBackLeft(call: Call, own: string, description: string): Promise<void> {
  const left: number[] = []
  try {
    for (let index = 0; index < mostEntries && left.length < mostTaken; index++) {
      const entry = await call('GetGenericPortMappingEntry', { NewPortMappingIndex: index })
      const is = (name: string, value: string) => fieldOf(entry, name) === value
      const isOurs =
        is('NewPortMappingDescription', description) &&
        is('NewInternalClient', own) &&
        is('NewProtocol', 'TCP')
      const [inner, outer] = [numberOf(entry, 'NewInternalPort'), numberOf(entry, 'NewExternalPort')]
      const isForEver = is('NewLeaseDuration', '0') && inner !== undefined && outer !== undefined
      if (isOurs && isForEver && (await isFree(inner))) left.push(outer)
    }
  } catch {
    // The end of its list.
  }
  for (const port of left) {
    await call('DeletePortMapping', { NewRemoteHost: '', NewExternalPort: port, NewProtocol: 'TCP' }).catch(
      () => undefined,
    )
  }
}

function numberOf(entry: string, name: string): number | undefined {
  const number = Number(fieldOf(entry, name))
  return Number.isInteger(number) && number > 0 && number <= 65_535 ? number : undefined
}

/** Whether nobody listens at a port of this machine. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
