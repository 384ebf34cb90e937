/** Telling listeners: one that throws, or is async and rejects, harms nobody but itself; what it gave is reported. */

import { EventEmitter } from 'node:events'
import { FileTransferError } from './errors.js'

export abstract class CarefulEmitter<E extends Record<keyof E, unknown[]>> extends EventEmitter<E> {
  #inside: EventEmitter<E> | undefined

  /** The same events for our own rooms: what the program takes away with `removeAllListeners` is its own. */
  get inside(): EventEmitter<E> {
    this.#inside ??= new EventEmitter<E>()
    return this.#inside
  }

  /** Where a listener's fault goes. */
  protected abstract report(trouble: FileTransferError): void

  protected tell<N extends keyof E & string>(event: N, ...what: E[N]): void {
    for (const emitter of [this.#inside, this] as (EventEmitter | undefined)[]) {
      // One by one: with `emit` a listener that throws keeps it from those behind it.
      for (const listener of emitter?.rawListeners(event) ?? []) {
        this.#call(event, () => Reflect.apply(listener, emitter, what))
      }
    }
  }

  /** A listener for this event threw or rejected. */
  protected faultOf(_event: string, fault: FileTransferError): void {
    this.report(fault)
  }

  #call(event: string, listener: () => unknown): void {
    const failed = (cause: unknown) => {
      const isKnown = cause instanceof FileTransferError
      this.faultOf(event, isKnown ? cause : new FileTransferError('internal', 'a listener threw', { cause }))
    }
    try {
      const given = listener()
      if (given instanceof Promise) given.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
