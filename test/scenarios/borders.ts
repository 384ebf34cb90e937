/**
 * The world around a peer's program, made worse: a slow disk, so that it can be caught in the middle of a file, and a
 * firewall that lets nobody in. Imported before anything that reads or listens.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import type { CrashPoint, HeldUp } from './words.js'

const slowReadMs = Number(process.env.JABBERFS_TEST_SLOW_READ_MS ?? 0)
const longBytes = 64 * 1024
/** What this program reads to send is not what is on its disk. */
const lies = process.env.JABBERFS_TEST_LIES === '1'

type AnyCall = (...args: unknown[]) => unknown

let heldUp: HeldUp | undefined
/** Those who wait for a read that is held up. */
const waiting = new Set<() => void>()
/** Long enough for a straight read to turn to the other way, where it is held up while everything else goes on. */
const straightMs = 25
/**
 * On a busy machine reads turn to that way, which must not be faster: several at once come one after another. Who reads where
 * nothing is held up does not stand behind one who reads where it is.
 */
const busyUntil = { heldUp: 0, slow: 0 }

/** Long reads of the later part of a file take long from now on; without words no more, and those that wait go on. */
export function holdUp(words: HeldUp | undefined): void {
  heldUp = words
  Object.assign(busyUntil, { heldUp: 0, slow: 0 })
  for (const go of [...waiting]) go()
}

/** How long a read takes beyond what it takes. */
function delayOf(bytes: number, position: unknown): number {
  if (bytes < longBytes) return 0
  return isHeldUp(position) ? heldUp!.ms : slowReadMs
}

function isHeldUp(position: unknown): boolean {
  return heldUp !== undefined && Number(position ?? 0) >= heldUp.from
}

function lie(bytes: number, into: unknown, at: unknown): void {
  if (bytes >= longBytes && lies) (into as Uint8Array)[Number(at ?? 0)]! ^= 1
}

const { readSync, read } = fs
const cell = new Int32Array(new SharedArrayBuffer(4))
fs.readSync = ((...args: unknown[]) => {
  const bytes = (readSync as AnyCall)(...args) as number
  const ms = delayOf(bytes, args[4])
  if (ms > 0) Atomics.wait(cell, 0, 0, Math.min(ms, straightMs))
  lie(bytes, args[1], args[2])
  return bytes
}) as typeof readSync

const slowly = (...args: unknown[]) => {
  const done = args.pop() as (error: Error | null, bytes: number, into: unknown) => void
  const after = (error: Error | null, bytes: number, into: unknown) => {
    if (error === null) lie(bytes, args[1], args[2])
    const ms = delayOf(bytes, args[4])
    if (ms === 0) return done(error, bytes, into)
    const now = performance.now()
    const queue = isHeldUp(args[4]) ? 'heldUp' : 'slow'
    busyUntil[queue] = Math.max(busyUntil[queue], now) + ms
    const go = () => {
      clearTimeout(timer)
      waiting.delete(go)
      done(error, bytes, into)
    }
    const timer = setTimeout(go, busyUntil[queue] - now)
    waiting.add(go)
  }
  ;(read as AnyCall)(...args, after)
}
fs.read = Object.assign(slowly, { __promisify__: read.__promisify__ }) as unknown as typeof read

/** While it is up, whoever dials a port of this program gets no word. */
export const firewall = { isUp: false }

const { createServer } = net
net.createServer = ((...args: Parameters<typeof createServer>) => {
  const server = createServer(...args)
  const { emit } = server
  server.emit = ((event: string, ...what: unknown[]) => {
    if (event !== 'connection' || !firewall.isUp) return emit.call(server, event as 'drop', ...(what as []))
    const socket = what[0] as net.Socket
    socket.on('error', () => undefined).pause()
    server.once('close', () => socket.destroy())
    return true
  }) as typeof emit
  return server
}) as typeof createServer

let crash: CrashPoint | undefined
let calls = 0

/** The program is killed at this one of the calls that make things durable or name them. */
export function crashAt(point: CrashPoint): void {
  crash = point
  calls = 0
}

function die(when: CrashPoint['when'], call: number): void {
  if (crash?.call === call && crash.when === when) process.kill(process.pid, 'SIGKILL')
}

for (const name of ['fsyncSync', 'fdatasyncSync', 'linkSync', 'unlinkSync', 'renameSync'] as const) {
  const real = fs[name] as AnyCall
  const counted: AnyCall = (...args) => {
    const call = ++calls
    die('before', call)
    const result = real(...args)
    die('after', call)
    return result
  }
  Object.assign(fs, { [name]: counted })
}

for (const name of ['fsync', 'fdatasync', 'link', 'unlink', 'rename'] as const) {
  const real = fs[name] as AnyCall
  const counted: AnyCall = (...args) => {
    const call = ++calls
    die('before', call)
    const done = args.pop() as AnyCall
    return real(...args, (...results: unknown[]) => {
      die('after', call)
      done(...results)
    })
  }
  Object.assign(fs, { [name]: counted })
}

syncBuiltinESMExports()
