/** Telling listeners: one that throws, or is async and rejects, harms nobody but itself; what it gave is reported. */

import { EventEmitter } from 'node:events'
import { FileTransferError } from './errors.js'

type Emit = (event: string, ...what: unknown[]) => boolean

export abstract class CarefulEmitter<E extends Record<keyof E, unknown[]>> extends EventEmitter<E> {
  #inside: EventEmitter<E> | undefined

  constructor() {
    super({ captureRejections: true })
  }

  /** The same events for our own rooms: what the program takes away with `removeAllListeners` is its own. */
  get inside(): EventEmitter<E> {
    this.#inside ??= new EventEmitter<E>()
    return this.#inside
  }

  /** Where a listener's fault goes. */
  protected abstract report(trouble: FileTransferError): void

  protected tell<N extends keyof E & string>(event: N, ...what: E[N]): void {
    for (const emitter of [this.#inside, this]) {
      try {
        ;(emitter?.emit as Emit | undefined)?.call(emitter, event, ...what)
      } catch (error) {
        this.faultOf(event, listenerFault(error))
      }
    }
  }

  /** A listener for this event threw or rejected. */
  protected faultOf(_event: string, fault: FileTransferError): void {
    this.report(fault)
  }

  /** An async listener that rejects: Node gives it here, since `captureRejections` is set. */
  [Symbol.for('nodejs.rejection') as never](error: unknown, event: string): void {
    this.faultOf(event, error instanceof FileTransferError ? error : listenerFault(error))
  }
}

function listenerFault(error: unknown): FileTransferError {
  return new FileTransferError('internal', 'a listener threw', { cause: error })
}
