/** What a person sees and is asked on a terminal. */
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { askOn } from '../../cli/screen/ask.js'
import { linesScreen } from '../../cli/screen/lines.js'
import { sentence, stateText } from '../../cli/screen/sentences.js'
import { terminalScreen } from '../../cli/screen/terminal.js'
import { Silence } from '../../cli/silence.js'
import type { Named, Report } from '../../cli/words.js'

const offered: Named = {
  no: 1,
  key: 'abc',
  direction: 'sending',
  peer: 'mephisto@localhost',
  filename: 'a.bin',
  filesize: 1_000,
}
const progress: Report = {
  report: 'progress',
  ...offered,
  bytes: 500,
  total: 1_000,
  bytesPerSecond: 0,
  resumedFrom: 400,
  attempt: 2,
}

describe('a question on a terminal', () => {
  const ask = (act: (input: PassThrough, interrupt: AbortController) => void) => {
    const input = new PassThrough()
    const output = new PassThrough()
    const interrupt = new AbortController()
    const answer = askOn({ input, output }, 'accept?', ['yes', 'no', 'always', 'later'], interrupt.signal)
    act(input, interrupt)
    return answer.then((said) => ({ said, shown: String(output.read()) }))
  }

  it('is left for later at Ctrl-D, and says so', async () => {
    const { said, shown } = await ask((input) => input.end())
    expect(said).to.equal('later')
    expect(shown).to.match(/left for later\n$/)
  })

  it('takes the first letters of an answer, and asks again what it does not understand', async () => {
    const { said, shown } = await ask((input) => input.write('what?\nAL\n'))
    expect(said).to.equal('always')
    expect(shown.match(/accept\?/g)).to.have.length(2)
    expect(shown).to.match(/always: this, and whatever they offer/)
    expect(shown).not.to.contain('left for later')
  })

  it('is left for later by an interrupt', async () => {
    const { said } = await ask((_input, interrupt) => interrupt.abort())
    expect(said).to.equal('later')
  })
})

describe('what a person sees', () => {
  const printed = (act: () => void): string => {
    const { write } = process.stdout
    let text = ''
    process.stdout.write = ((piece: string) => {
      text += piece
      return true
    }) as typeof write
    try {
      act()
    } finally {
      process.stdout.write = write
    }
    return text
  }

  it('is told once, on a line of its own, that a transfer goes on from what was there', () => {
    const text = printed(() => {
      const screen = terminalScreen()
      screen.show(progress)
      screen.show({ ...progress, bytes: 600 })
      screen.close()
    })
    expect(text.match(/a\.bin: goes on from 400 B\n/g)).to.have.length(1)
  })

  it('reads in a pipe how a file comes that takes a while, and of a small one that it has come', () => {
    const text = printed(() => {
      const screen = linesScreen()
      const comes = { ...progress, resumedFrom: 0 }
      for (const bytes of [0, 500, 1_000]) screen.show({ ...comes, bytes })
      screen.show({
        report: 'finished',
        ...offered,
        path: '/tmp/a.bin',
        root: '',
        bytes: 1_000,
        bytesMoved: 1_000,
      })
      for (const bytes of [0, 1e9, 1e9 + 1]) screen.show({ ...comes, no: 2, bytes, total: 2e9 })
    })
    expect(text.split('\n').map((line) => line.replace(/.*: /, ''))).to.deep.equal([
      'arrived, verified',
      '0 %, 0 B of 2.00 GB',
      '50 %, 1.00 GB of 2.00 GB',
      '',
    ])
  })

  it('sees no bar, and no rate, of what stands still: a last progress comes after its state', () => {
    const text = printed(() => {
      const screen = terminalScreen()
      screen.show({ report: 'state', ...offered, state: 'moving' })
      screen.show(progress)
      screen.show({ report: 'state', ...offered, state: 'waiting' })
      screen.show({ ...progress, bytes: 600, resumedFrom: 0 })
      // With a bar, a line is held back to be written above it at its next turn.
      screen.note('after')
      screen.close()
    })
    expect(text).to.match(/waits for the other side.*\nafter\n$/)
  })

  it('sees what is said last, though a bar was there', () => {
    const text = printed(() => {
      const screen = terminalScreen()
      screen.show(progress)
      screen.show({ report: 'looked-after', by: 'other' })
      screen.close()
    })
    expect(text).to.contain('the jabberfs that runs already looks after it')
  })

  it('sees how a folder comes on, below the files of it, and that it is there', () => {
    const text = printed(() => {
      const screen = terminalScreen()
      const sum = { peer: 'mephisto@localhost', path: 'Music', bytes: 3_000_000, there: 1, failed: 0 }
      screen.show({ report: 'folder-getting', ...sum, fetched: 499, files: 2_000 })
      screen.note('one.ogg is there')
      screen.show({ report: 'folder-got', ...sum, fetched: 1_999, isWhole: true })
      screen.close()
    })
    expect(text).to.match(/one\.ogg is there\nMusic\/ +\[=+ +\] {2}25 % {2}500\/2,000 files {2}3\.00 MB/)
    expect(text).to.match(
      /Music\/ from mephisto@localhost: 1,999 files fetched \(3\.00 MB\), 1 here already\n$/,
    )
  })

  const failed: Extract<Report, { report: 'failed' }> = {
    report: 'failed',
    ...offered,
    code: 'stopped',
    says: 'It was stopped.',
    todo: 'Resume.',
    state: 'proposed',
    resumable: true,
  }
  it('learns that what was not answered stands, and what moved is paused', () => {
    expect(sentence(failed)).to.match(/: still offered; `jabberfs resume abc` waits on$/)
    expect(sentence({ ...failed, direction: 'receiving' })).to.contain('still asked for')
    expect(sentence({ ...failed, state: 'paused' })).to.match(/: paused; `jabberfs resume abc` goes on$/)
    const aborting = { report: 'state', ...offered, state: 'aborting' } as const
    expect(stateText(aborting)).to.match(/: is being aborted$/)
    // What is being aborted does not go on, whatever ended the command.
    expect(sentence({ ...failed, state: 'aborting' })).to.match(/: aborted\. It is over when/)
  })

  it('is not told by a list that what waits goes on by itself: nobody may run', () => {
    const listed = { report: 'transfer', ...offered, state: 'waiting', bytes: 0 } as const
    expect(sentence(listed)).to.contain('waits for the other side').and.not.to.contain('by itself')
  })

  it('learns the place in the other side’s queue, and that a file is here already', () => {
    const queued = {
      report: 'state',
      ...offered,
      direction: 'receiving',
      state: 'queued',
      place: 1_200,
    } as const
    expect(stateText(queued)).to.match(/from mephisto@localhost: waits for its turn, as number 1,200 of/)
    const done = { ...offered, path: '/tmp/a.bin', root: '', bytes: 1_000, bytesMoved: 0 }
    expect(sentence({ report: 'finished', ...done, wasThere: true })).to.contain('is here already')
  })

  it('learns who declined, and why where a reason was given', () => {
    const says = 'The other side does not want this'
    const declined = { ...failed, code: 'declined', state: 'declined', resumable: false } as const
    expect(sentence({ ...declined, says: `${says}.` })).to.match(/: mephisto@localhost declined it\.$/)
    expect(sentence({ ...declined, says: `${says}: policy` })).to.contain('policy')
    const asked = { ...declined, direction: 'receiving', says: `${says}: policy.` } as const
    expect(sentence(asked)).to.match(/: The other side does not allow this\. `jabberfs browse/)
  })

  it('learns whose offers are heard', () => {
    const listening = { report: 'listening', into: '/tmp' } as const
    expect(sentence({ ...listening, from: ['contacts'] })).to.match(
      /^waiting for files from your contacts, to .*--from WHO hears others, too/,
    )
    expect(sentence({ ...listening, from: ['contacts', 'a@b'] })).to.contain(
      ' from your contacts and a@b, to',
    )
    expect(sentence({ ...listening, from: ['contacts', 'everybody'] })).to.contain(' from everybody, to')
  })

  it('learns where to look for a file that is not there', () => {
    const missing = {
      ...failed,
      code: 'not-found',
      direction: 'receiving',
      state: 'declined',
      says: 'No such file.',
      resumable: false,
    } as const
    expect(sentence(missing)).to.contain('`jabberfs browse mephisto@localhost` shows what they share')
    expect(sentence({ ...missing, direction: 'sending' })).not.to.contain('browse')
  })

  it('learns that a transfer waits for a disk here to take what it has to note (P20)', () => {
    const trouble = {
      code: 'no-space' as const,
      says: 'There is not enough free space: /state',
      todo: 'Free some.',
    }
    const state = { report: 'state', state: 'waiting', ...offered } as const
    expect(stateText({ ...state, trouble })).to.match(
      /: waiting\. There is not enough.* tried again by itself\.$/,
    )
  })

  it('learns that nobody who has it is there, and what a changed file asks of whom', () => {
    const says = 'Nobody who has this is there at the moment.'
    const trouble = { code: 'no-source' as const, says, todo: 'Wait, or resume it later.' }
    const state = { report: 'state', state: 'waiting', ...offered } as const
    expect(stateText({ ...state, trouble })).to.match(/: Nobody who has this is there.*goes on by itself/)
    const changed = {
      ...failed,
      code: 'source-changed',
      state: 'failed',
      resumable: false,
      todo: 'Offer it again.',
    } as const
    expect(sentence(changed)).to.match(/Offer it again\.$/)
    expect(sentence({ ...changed, direction: 'receiving' })).to.match(/has to be offered, or asked for, anew/)
  })

  it('is told once that nobody has answered, and not where somebody has', async () => {
    const proposed: Report = { report: 'state', ...offered, state: 'proposed' }
    const said: string[] = []
    await new Promise<void>((resolve) => {
      const silence = new Silence(
        (text) => {
          said.push(text)
          silence.hear(proposed)
          resolve()
        },
        'send',
        1,
      )
      silence.hear({ ...proposed, no: 2, filename: 'answered' })
      silence.hear({ ...proposed, no: 2, filename: 'answered', state: 'queued' })
      silence.hear(proposed)
      silence.hear(proposed)
    })
    expect(said).to.have.length(1)
    expect(said[0]).to.match(/a\.bin .*no answer yet/)
  })

  it('is told in one line of all that one person has not answered', async () => {
    const proposed: Report = { report: 'state', ...offered, state: 'proposed' }
    const said: string[] = []
    await new Promise<void>((resolve) => {
      const silence = new Silence(
        (text) => {
          said.push(text)
          if (said.length === 2) setTimeout(resolve, 20)
        },
        'send',
        1,
      )
      for (const no of [1, 2, 3]) silence.hear({ ...proposed, no })
      silence.hear({ ...proposed, no: 4, filename: 'ring.txt', peer: 'wagner@localhost' })
    })
    expect(said).to.have.length(2)
    expect(said[0]).to.match(/^3 files to mephisto@localhost: no answer yet; .*They stay open/)
    expect(said[1]).to.match(/^ring\.txt .*wagner@localhost: no answer yet; .*It stays open/)
  })

  it('is told once for whom a resumed transfer waits, whatever is tried meanwhile; and nothing where it runs for ever anyhow', async () => {
    const waiting: Report = { report: 'state', ...offered, state: 'waiting' }
    const said: string[] = []
    await new Promise<void>((resolve) => {
      const lasting = new Silence((text) => said.push(`lasting: ${text}`), 'serve', 1)
      lasting.hear(waiting)
      const silence = new Silence(
        (text) => {
          said.push(text)
          silence.hear(waiting)
          setImmediate(resolve)
        },
        'resume',
        5,
      )
      silence.hear({ ...waiting, no: 2, filename: 'comes on' })
      silence.hear({ ...waiting, no: 2, filename: 'comes on', state: 'moving' })
      silence.hear(waiting)
      silence.hear({ ...waiting, state: 'linking' })
      silence.hear(waiting)
    })
    expect(said).to.have.length(1)
    expect(said[0]).to.match(/a\.bin .*: mephisto@localhost is not there.*Ctrl-C leaves it/)
  })
})
