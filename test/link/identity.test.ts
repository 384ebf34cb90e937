/** A device's key and certificate, and the id that is made of them. */

import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { createDeviceIdentity, deviceIdOf } from '../../link/index.js'
import { receiver, sender } from './two-devices.js'

describe("a device's identity", () => {
  it('has as its id the SHA-256 of the certificate in DER, in 64 lower hex digits', () => {
    const { raw } = new X509Certificate(sender.certificatePem)
    expect(sender.id).to.equal(createHash('sha256').update(raw).digest('hex'))
    expect(sender.id).to.match(/^[0-9a-f]{64}$/)
    expect(deviceIdOf(sender.certificatePem)).to.equal(sender.id)
  })

  it('is never made twice', () => {
    expect(sender.id).not.to.equal(receiver.id)
  })

  it('has the key that belongs to its certificate, on P-256', () => {
    const key = createPrivateKey(sender.privateKeyPem)
    expect(key.asymmetricKeyDetails?.namedCurve).to.equal('prime256v1')
    expect(new X509Certificate(sender.certificatePem).checkPrivateKey(key)).to.equal(true)
  })

  it('has a certificate that it signed itself, of the newest version, with a number of its own', async () => {
    for (let i = 0; i < 4; i++) {
      const one = new X509Certificate((await createDeviceIdentity()).certificatePem)
      expect(one.verify(one.publicKey)).to.equal(true)
      expect([one.subject, one.issuer]).to.deep.equal(['CN=jabberFS device', 'CN=jabberFS device'])
      expect(one.serialNumber).to.match(/^[4-7][0-9A-F]{31}$/)
      expect(new Date(one.validTo).toISOString()).to.equal('2049-12-31T23:59:59.000Z')
    }
  })

  it('says nothing about its owner, its machine or the day it was made', async () => {
    const one = new X509Certificate((await createDeviceIdentity()).certificatePem)
    expect(one.subject).to.equal('CN=jabberFS device')
    expect(one.subjectAltName).to.equal(undefined)
    expect(new Date(one.validFrom).toISOString()).to.equal('2000-01-01T00:00:00.000Z')
  })
})
