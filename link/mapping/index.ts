/** Ports mapped at the router: UPnP-IGD, NAT-PMP and PCP behind one interface (link/gathering.ts, `PortMapper`). */

export { createPortMapper, type LookingMapper, type MapperEvent, type MapperOptions } from './mapper.js'
export type { MappingProtocol } from './router.js'
