/** Encryption between a client and its server: the certificate must be the domain's, or not a word of the login is said. */
import 'reflect-metadata'
import { spawn } from 'node:child_process'
import { webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, TLSSocket } from 'node:tls'
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { expect } from 'chai'
import { createClientEntity } from '../../wire/index.js'
import { bindFeatures, clientHeader, mechanisms } from './mock-server.js'
import { Talk } from './talk.js'

interface TlsServer {
  service(scheme: 'xmpp' | 'xmpps'): string
  certificatePem: string
  /** What was said inside TLS. */
  heard(): string
  stop(): void
}

/** A server that logs anybody in by PLAIN: by TLS from the first byte, or by STARTTLS. */
async function tlsServer(host: string, direct: boolean): Promise<TlsServer> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`
  const certificatePem = certificate.toString('pem')
  const secureContext = createSecureContext({ key, cert: certificatePem })
  const talks: Talk[] = []
  const sockets = new Set<Socket>()
  const server = createServer(async (socket) => {
    sockets.add(socket)
    try {
      if (!direct) {
        const open = new Talk(socket)
        await open.hear(/<stream:stream[^>]*>/)
        open.say(
          `${clientHeader}<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>`,
        )
        await open.hear(/<starttls/)
        open.say("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        socket.removeAllListeners('data')
      }
      const talk = new Talk(new TLSSocket(socket, { isServer: true, secureContext }))
      talks.push(talk)
      await talk.hear(/<stream:stream[^>]*>/)
      talk.say(clientHeader + mechanisms('PLAIN'))
      await talk.hear(/<auth /)
      talk.say("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
      await talk.hear(/<stream:stream[^>]*>/)
      talk.say(clientHeader + bindFeatures)
      const [, id] = await talk.hear(/<iq [^>]*id="([^"]+)"/)
      talk.say(
        `<iq type='result' id='${id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>faust@localhost/r</jid></bind></iq>`,
      )
      await talk.hear(/<\/stream:stream>/)
      talk.socket.end()
    } catch {
      // The client went away: what it said before is what counts.
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    service: (scheme) => `${scheme}://127.0.0.1:${port}`,
    certificatePem,
    heard: () => talks.map(({ all }) => all).join(),
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Logs in from a process that trusts this certificate, and gives what `start()` came to. */
async function logInTrusting(certificatePem: string, service: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'jabberfs-wire-'))
  try {
    const file = join(folder, 'ca.pem')
    writeFileSync(file, certificatePem)
    const wire = new URL('../../wire/index.js', import.meta.url).href
    const script = `import { createClientEntity } from ${JSON.stringify(wire)}
      const entity = createClientEntity({ jid: 'faust@localhost', password: 'geheim', service: ${JSON.stringify(service)} })
      const outcome = await entity.start().then(String, (error) => error.code)
      await entity.stop()
      console.log(outcome)
      process.exit()`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: file },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (data) => {
      out += data
    })
    await once(child, 'close')
    return out.trim()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('encryption to the server', () => {
  for (const direct of [true, false]) {
    const scheme = direct ? 'xmpps' : 'xmpp'
    const how = direct ? 'from the first byte' : 'by STARTTLS'

    it(`${how}: PLAIN is said to the domain's certificate, though the host is another`, async () => {
      const server = await tlsServer('localhost', direct)
      expect(await logInTrusting(server.certificatePem, server.service(scheme))).to.equal('faust@localhost/r')
      expect(server.heard()).to.contain('<auth')
      server.stop()
    })

    it(`${how}: not a word is said to a trusted certificate of another name`, async () => {
      const server = await tlsServer('evil.example', direct)
      expect(await logInTrusting(server.certificatePem, server.service(scheme))).to.equal(
        'ERR_TLS_CERT_ALTNAME_INVALID',
      )
      expect(server.heard()).to.equal('')
      server.stop()
    })

    it(`${how}: not a word is said to a certificate nobody vouches for`, async () => {
      const server = await tlsServer('localhost', direct)
      const entity = createClientEntity({
        jid: 'faust@localhost',
        password: 'geheim',
        service: server.service(scheme),
      })
      const outcome = await entity.start().catch((error) => error.code)
      expect(outcome).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT')
      expect(server.heard()).to.equal('')
      server.stop()
    })
  }
})
