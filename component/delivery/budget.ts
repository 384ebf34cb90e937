/**
 * What all deliveries together may hold: so many on their way, and so much of them. Devices that have not answered
 * anything yet share a part of it; the rest is for those that have, so that the silent cannot keep others waiting.
 */

const mostInFlight = 32_768
/** Weight of what is on its way: the stream must take it all at once. */
const heaviest = 10 * 2 ** 20
/** The part for devices that have shown nothing yet. */
const unprovenPart = 0.5

export class Budget {
  #inFlight = 0
  #weight = 0

  get inFlight(): number {
    return this.#inFlight
  }

  allows(weight: number, isProven: boolean): boolean {
    const part = isProven ? 1 : unprovenPart
    return this.#inFlight < mostInFlight * part && this.#weight + weight <= heaviest * part
  }

  take(weight: number): void {
    this.#inFlight++
    this.#weight += weight
  }

  giveBack(weight: number): void {
    this.#inFlight--
    this.#weight -= weight
  }
}
