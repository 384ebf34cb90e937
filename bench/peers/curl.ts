/** `curl` from a private nginx by https: TLS 1.3 with AES-128-GCM, as ours has. */

import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { freePort } from '../../scripts/private-prosody.js'
import { runMeasured, startMeasured } from '../measured-process.js'
import { makeCertificate } from './certificate.js'
import { untilListening } from './listening.js'
import { bothEnds, type Peer } from './peer.js'

export const curl: Peer = {
  name: 'curl-https-nginx',
  how: 'curl from a private nginx by https, TLS 1.3, AES-128-GCM, nothing verified after',
  packages: ['curl', 'nginx-light', 'openssl'],
  programs: ['curl', 'nginx', 'openssl'],

  async prepare(dir, source) {
    const { key, certificate } = await makeCertificate(dir)
    const port = await freePort()
    const config = join(dir, 'nginx.conf')
    const root = process.getuid?.() === 0
    await writeFile(
      config,
      `${root ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/error.log;
events { }
http {
  access_log off; sendfile on; tcp_nopush on;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    server_name localhost;
    ssl_certificate ${certificate}; ssl_certificate_key ${key};
    ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    root ${dirname(source)};
  }
}
`,
    )
    const url = `https://localhost:${port}/${basename(source)}`
    return {
      async move(target, rest) {
        const server = startMeasured('nginx', ['-e', join(dir, 'error.log'), '-c', config])
        try {
          await untilListening(port)
          await rest()
          const client = await runMeasured('curl', ['-sSf', '-4', '--cacert', certificate, '-o', target, url])
          return { 'curl-https-nginx': bothEnds(client.seconds, client, await server.stop()) }
        } finally {
          await server.stop()
        }
      },
    }
  },
}
