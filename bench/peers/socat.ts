/** Two `socat` over TLS 1.3: encrypted, certificate checked, nothing verified after. */

import { freePort } from '../../scripts/private-prosody.js'
import { runMeasured, startMeasured } from '../measured-process.js'
import { makeCertificate } from './certificate.js'
import { untilListening } from './listening.js'
import { bothEnds, type Peer } from './peer.js'

export const socat: Peer = {
  name: 'socat',
  how: 'socat OPENSSL to OPENSSL-LISTEN, TLS 1.3, buffers of 256 KiB, from the start of the sender to the exit of the receiver',
  packages: ['socat', 'openssl'],
  programs: ['socat', 'openssl'],

  async prepare(dir, source) {
    const { key, certificate } = await makeCertificate(dir)
    const tls = 'openssl-min-proto-version=TLS1.3'
    return {
      async move(target, rest) {
        const port = await freePort()
        const listen = `OPENSSL-LISTEN:${port},bind=127.0.0.1,cert=${certificate},key=${key},verify=0,${tls}`
        const connect = `OPENSSL:localhost:${port},pf=ip4,cafile=${certificate},verify=1,${tls}`
        const receiver = startMeasured('socat', ['-u', '-b', '262144', listen, `CREATE:${target}`])
        try {
          await untilListening(port)
          await rest()
          const begun = performance.now()
          const sender = await runMeasured('socat', ['-u', '-b', '262144', `OPEN:${source},rdonly`, connect])
          const received = await receiver.exited
          return { socat: bothEnds((performance.now() - begun) / 1000, sender, received) }
        } finally {
          await receiver.stop()
        }
      },
    }
  },
}
