/**
 * HTTP with the router: one request, one answer, no connection kept, nowhere else led to (redirects are answers that are
 * not 200). Time and size are bounded; what is longer is no answer.
 */

import { request } from 'node:http'

export interface HttpAnswer {
  status: number
  body: string
}

const maxBodyBytes = 128 * 1024

/** Gives undefined when there is no whole answer in time. */
export function exchange(
  url: URL,
  {
    timeoutMs,
    post,
    signal,
  }: { timeoutMs: number; post?: { action: string; body: string }; signal?: AbortSignal },
): Promise<HttpAnswer | undefined> {
  return new Promise((resolve) => {
    const headers =
      post === undefined
        ? {}
        : {
            'Content-Type': 'text/xml; charset="utf-8"',
            'Content-Length': Buffer.byteLength(post.body),
            SOAPAction: `"${post.action}"`,
          }
    const sent = request(url, {
      method: post === undefined ? 'GET' : 'POST',
      headers: { ...headers, Connection: 'close' },
      agent: false,
      ...(signal === undefined ? {} : { signal }),
    })
    const deadline = setTimeout(() => sent.destroy(), timeoutMs)
    const end = (answer?: HttpAnswer): void => {
      clearTimeout(deadline)
      sent.destroy()
      resolve(answer)
    }
    sent.on('error', () => end())
    sent.on('close', () => end())
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('error', () => end())
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes > maxBodyBytes) end()
      })
      response.on('end', () => {
        if (response.complete)
          end({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') })
      })
    })
    sent.end(post?.body)
  })
}
