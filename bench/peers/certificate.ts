/** A certificate for `localhost`, made by openssl for the peers that need one: EC P-256, as our own devices have. */

import { join } from 'node:path'
import { runMeasured } from '../measured-process.js'

/** Paths of key and certificate (both PEM), made in `dir`. */
export async function makeCertificate(dir: string): Promise<{ key: string; certificate: string }> {
  const key = join(dir, 'key.pem')
  const certificate = join(dir, 'certificate.pem')
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await runMeasured('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', certificate])
  return { key, certificate }
}
