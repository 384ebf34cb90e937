/** What those who wait to be served hear of their places. */

import { expect } from 'chai'
import { Telling } from '../../client-plugin/serving/telling.js'

describe('who waits to be served', () => {
  it('hears of his place, and nothing where it is his turn the next moment', async () => {
    const [quick, slow] = [{ name: 'quick' }, { name: 'slow' }]
    const heard: [string, number][] = []
    const told = new Promise<void>((resolve) => {
      const telling = new Telling<{ name: string }>(({ name }, place) => {
        heard.push([name, place])
        telling.stop()
        resolve()
      })
      telling.soon(quick, [quick])
      telling.soon(slow, [quick, slow])
      telling.look([slow])
    })
    await told
    expect(heard).to.deep.equal([['slow', 1]])
  })
})
