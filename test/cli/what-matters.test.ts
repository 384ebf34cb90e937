/** What is said of many files that are got one after the other. */
import { expect } from 'chai'
import { WhatMatters } from '../../cli/holder/what-matters.js'
import type { Named, Report } from '../../cli/words.js'

const named = (no: number): Named => ({
  no,
  key: `${no}`,
  direction: 'receiving',
  peer: 'faust@localhost',
  filename: `${no}.jpg`,
  filesize: 5,
})
const state = (no: number, state: 'proposed' | 'queued' | 'linking'): Report => ({
  report: 'state',
  ...named(no),
  state,
})
const finished = (no: number): Report => ({
  report: 'finished',
  ...named(no),
  path: `/tmp/${no}.jpg`,
  root: '',
  bytes: 5,
  bytesMoved: 5,
})

describe('what is said of many files', () => {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  let said: string[]
  let matters: WhatMatters
  beforeEach(() => {
    said = []
    const report = (what: Report) =>
      said.push(`${what.report} ${(what as Named).no} ${(what as { state?: string }).state ?? ''}`.trim())
    matters = new WhatMatters({ report }, () => undefined, 60)
  })
  afterEach(() => matters.stop())

  it('is the end of each, while they come', async () => {
    for (let no = 1; no <= 6; no++) {
      for (const each of [state(no, 'proposed'), state(no, 'queued')]) matters.report(each)
      await wait(20)
      matters.report(finished(no))
    }
    expect(said).to.deep.equal([1, 2, 3, 4, 5, 6].map((no) => `finished ${no}`))
  })

  it('is what each waits for, once, where nothing comes for long', async () => {
    for (const no of [1, 2, 3]) matters.report(state(no, 'proposed'))
    matters.report(state(2, 'queued'))
    matters.report(finished(3))
    await wait(200)
    expect(said).to.deep.equal(['finished 3', 'state 1 proposed', 'state 2 queued'])
  })
})
