/** `devices` and `trust`, as people use them, and the question where somebody can be asked. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Answer, Screen } from '../../cli/screen/screen.js'
import { Talk } from '../../cli/talk.js'
import type { Remark } from '../../cli/words.js'
import type { ChildCommand } from '../../scripts/child-command.js'
import type { Person } from '../../scripts/playground.js'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

describe('a device that is not known', () => {
  describe('on the command line', function () {
    this.timeout(180_000)
    const people = twoPeople('devices', { goOn: true })
    const { start, run } = people
    const receiver = async (): Promise<ChildCommand> => {
      const { faust, mephisto } = people.ground
      const child = start(mephisto, '--json', 'receive', '--into', 'into', '--from', faust.jid)
      await child.until(kind('listening'))
      return child
    }

    it('stops the sending with its own exit code, is shown, trusted, verified, and trusted no more', async () => {
      const { faust, mephisto } = people.ground
      for (const name of ['a.bin', 'b.bin']) writeFileSync(join(people.dir, name), randomBytes(50_000))
      const before = await receiver()
      expect((await run(faust, 'send', 'a.bin', mephisto.jid)).code).to.equal(0)
      before.kill('SIGINT')
      await before.ended
      rmSync(mephisto.state, { recursive: true })
      const now = await receiver()

      const stopped = await run(faust, 'send', 'b.bin', mephisto.jid)
      expect(stopped.code, stopped.output).to.equal(17)
      expect(stopped.output).to.match(/shows a device that is not known here: [0-9a-f]{16}\./)
      expect(stopped.output).to.contain(`type \`jabberfs trust ${mephisto.jid}\``)
      expect(existsSync(join(people.into, 'b.bin'))).to.equal(false)

      const listed = await run(faust, 'devices')
      expect(listed.code).to.equal(0)
      expect(listed.output).to.match(/^this device {2}[0-9a-f]{16}\n {2}(\d{4} ){7}\d{4}\n/)
      expect(listed.output).to.match(/trusted on first use, first met \d{4}-\d\d-\d\d/)
      expect(listed.output).to.match(
        /not known; 1 transfer waits for `jabberfs trust mephisto@localhost [0-9a-f]{16}`/,
      )
      // The other side sees the same digits of itself.
      const theirs = (await run(mephisto, '--json', 'devices')).reports.find(kind('own-device'))!
      expect(listed.output).to.contain(theirs.digits)

      const trusted = await run(faust, 'trust', mephisto.jid)
      expect(trusted.output).to.contain('trusted by your word')
      const resumed = await run(faust, 'resume')
      expect(resumed.code, resumed.output).to.equal(0)
      await now.until((report) => report.report === 'finished' && report.filename === 'b.bin')

      const { device } = theirs
      const verified = await run(faust, 'trust', mephisto.jid, device.slice(0, 8), '--verified')
      expect(verified.output).to.contain('verified')
      const forgotten = await run(faust, 'devices', mephisto.jid, '--forget', device.slice(0, 8))
      expect(forgotten.output).to.contain('not trusted any more')
      expect((await run(faust, 'send', 'a.bin', mephisto.jid)).code).to.equal(17)
    })

    it('is named beside the others where an offer is for every one, until none is left', async () => {
      const { faust, mephisto } = people.ground
      for (const { state } of [faust, mephisto]) rmSync(state, { recursive: true, force: true })
      for (const name of ['c.bin', 'd.bin']) writeFileSync(join(people.dir, name), randomBytes(50_000))
      const names = ['desk', 'phone', 'tablet']
      const [desk, phone, tablet] = names.map((name) => {
        const config = join(people.dir, `${name}.toml`)
        const text = readFileSync(mephisto.config, 'utf8').replaceAll(
          mephisto.state,
          join(people.dir, `${name}-state`),
        )
        writeFileSync(config, text, { mode: 0o600 })
        mkdirSync(join(people.dir, name))
        return { ...mephisto, config, state: join(people.dir, `${name}-state`) }
      }) as [Person, Person, Person]
      const receiverOn = async (who: Person, name: string) => {
        const child = start(who, '--json', 'receive', '--into', name, '--from', faust.jid)
        await child.until(kind('listening'))
        return child
      }
      await receiverOn(desk, 'desk')
      expect((await run(faust, 'send', 'c.bin', mephisto.jid)).code).to.equal(0)
      const others = [await receiverOn(phone, 'phone'), await receiverOn(tablet, 'tablet')]

      /** A command waits for one more device only so long: on a busy machine another has to go on for it. */
      const untilOf = async (devices: string, first: ReturnType<typeof run>) => {
        for (let each = await first; ; each = await run(faust, 'resume')) {
          expect(each.code, each.output).to.equal(17)
          if (each.output.includes(`${devices} devices have it.`)) return each
        }
      }
      const sent = await untilOf('1 of 3', run(faust, 'send', '--every-device', 'd.bin', mephisto.jid))
      expect(sent.output).to.contain(
        '1 of 3 devices have it. This person shows 2 devices that are not known here',
      )
      const todo = [...sent.output.matchAll(/`jabberfs trust mephisto@localhost ([0-9a-f]{16})`/g)]
      const [one, another] = todo.map(([, device]) => device!)
      expect(new Set([one, another]).size, sent.output).to.equal(2)

      expect((await run(faust, 'trust', mephisto.jid, one!)).code).to.equal(0)
      const resumed = await untilOf('2 of 3', run(faust, 'resume'))
      expect(resumed.output).to.contain(`\`jabberfs trust mephisto@localhost ${another}\``)
      expect(resumed.output).not.to.contain(one)
      const listed = await run(faust, 'transfers', '--all')
      expect(listed.output).to.contain('complete for 2 of 3 devices')

      expect((await run(faust, 'trust', mephisto.jid, another!)).code).to.equal(0)
      const last = await run(faust, 'resume')
      expect(last.code, last.output).to.equal(0)
      expect(last.output).to.match(
        /arrived, verified; it stands for their other devices: .*`jabberfs abort \S+`/,
      )
      for (const child of others) await child.until((report) => report.report === 'finished')
      expect((await run(faust, 'transfers')).output).to.contain('complete for 3 of 3 devices')
    })

    it('is named where it may be any of several, or none', async () => {
      const { faust, mephisto } = people.ground
      const none = await run(faust, 'trust', 'wagner@localhost')
      expect(none.code).to.equal(15)
      expect(none.output).to.contain('No such device of wagner@localhost is known.')
      expect((await run(faust, 'trust', mephisto.jid, 'xyz')).code).to.equal(2)
      expect((await run(faust, 'devices', '--forget')).code).to.equal(2)
      expect((await run(faust, 'devices', mephisto.jid, '--forget')).code).to.equal(0)
      expect((await run(faust, 'devices', 'wagner@localhost')).output).to.contain(
        'no device of wagner@localhost',
      )
    })
  })

  describe('where somebody can be asked', () => {
    const question = (device: string) =>
      ({
        report: 'unknown-device',
        peer: 'mephisto@goethe.example',
        device,
        digits: '1111 2222 3333 4444 5555 6666 7777 8888',
        ownDigits: '8888 7777 6666 5555 4444 3333 2222 1111',
        known: 1,
        transfers: 2,
        asked: true,
      }) as const
    const screenThat = (answer: Answer | undefined, asked: string[]): Screen => ({
      isForPrograms: false,
      show() {},
      fail() {},
      note() {},
      close() {},
      ...(answer && {
        async ask(text: string) {
          asked.push(text)
          return answer
        },
      }),
    })
    const answersOf = async (answer: Answer | undefined) => {
      const asked: string[] = []
      const talk = new Talk({ order: 'resume' }, screenThat(answer, asked), new AbortController().signal)
      const remarks: Remark[] = []
      const answered = new Promise<void>((resolve) => {
        talk.onRemark((remark) => {
          remarks.push(remark)
          resolve()
        })
      })
      for (let each = 0; each < 2; each++) talk.report(question('ab'.repeat(32)))
      await answered
      talk.silence.stop()
      return { asked, remarks }
    }

    it('is asked about once for all that waits for it, with the digits of both', async () => {
      const { asked, remarks } = await answersOf('yes')
      expect(asked).to.have.length(1)
      expect(asked[0]).to.contain('theirs  1111 2222').and.to.contain('yours   8888 7777')
      expect(asked[0]).to.contain('You know 1 other device of theirs')
      expect(remarks).to.deep.equal([{ remark: 'device', device: 'ab'.repeat(32), answer: 'yes' }])
    })

    it('is not asked about an offer any longer that is none any more', async () => {
      const asked: string[] = []
      let ended!: () => void
      const over = new Promise<void>((resolve) => {
        ended = resolve
      })
      const screen: Screen = {
        ...screenThat('yes', []),
        async ask(text, _answers, signal) {
          asked.push(text)
          if (asked.length > 1) return 'no'
          await new Promise((resolve) => signal!.addEventListener('abort', resolve))
          ended()
          return 'later'
        },
      }
      const talk = new Talk({ order: 'resume' }, screen, new AbortController().signal)
      const remarks: Remark[] = []
      const answered = new Promise<void>((resolve) => {
        talk.onRemark((remark) => resolve(void remarks.push(remark)))
      })
      const offer = {
        peer: 'faust@goethe.example',
        filename: 'a',
        filesize: 1,
        contact: true,
        asked: true,
      } as const
      const gone = { peer: offer.peer, filename: 'a', why: 'taken' } as const
      for (const sid of ['1', '2', '3']) talk.report({ report: 'offer', sid, ...offer })
      talk.report({ report: 'offer-gone', sid: '2', ...gone })
      while (asked.length === 0) await new Promise(setImmediate)
      talk.report({ report: 'offer-gone', sid: '1', ...gone })
      await over
      await answered
      // The first was ended, the second never asked.
      expect(asked).to.have.length(2)
      expect(remarks).to.deep.equal([{ remark: 'answer', to: '3', accept: false }])
      talk.silence.stop()
    })

    it('waits where nobody can be', async () => {
      const { remarks } = await answersOf(undefined)
      expect(remarks).to.deep.equal([{ remark: 'device', device: 'ab'.repeat(32), answer: 'later' }])
    })
  })
})
