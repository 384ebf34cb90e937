/** What is told of the bytes of a transfer, as they come and as they stop coming. */

import { expect } from 'chai'
import type { Progress } from '../../client-plugin/api.js'
import { Showing } from '../../client-plugin/transfer/showing.js'

class Shown extends Showing {
  readonly filesize = 1_000
  protected readonly attempts = 1

  protected report(trouble: Error): void {
    throw trouble
  }

  begin(): void {
    this.beginMoving({ kind: 'direct', dialled: true, family: 4, why: [] }, 0)
  }

  has(bytes: number): void {
    this.moved(bytes)
  }
}

describe('the progress of a transfer', () => {
  const told = (shown: Shown, isSo: (bytes: number) => boolean) =>
    new Promise<number>((resolve) => {
      const look = ({ bytes }: Progress) => {
        if (isSo(bytes)) resolve(bytes)
      }
      shown.on('progress', look)
    })

  it('is told as far as it came, also where bytes stop coming right after', async () => {
    const shown = new Shown()
    shown.begin()
    const last = told(shown, (bytes) => bytes === 900)
    // What keeps a program going in real life is its stream.
    const alive = setInterval(() => undefined, 1_000)
    for (let bytes = 100; bytes <= 900; bytes += 100) shown.has(bytes)
    expect(await last).to.equal(900)
    clearInterval(alive)
  })

  it('is told at once when all of it is there, and not for every piece before', () => {
    const shown = new Shown()
    const heard: number[] = []
    shown.begin()
    shown.on('progress', ({ bytes }) => heard.push(bytes))
    for (let bytes = 1; bytes <= 1_000; bytes++) shown.has(bytes)
    expect(heard.at(-1)).to.equal(1_000)
    expect(heard.length).to.be.below(500)
  })
})
