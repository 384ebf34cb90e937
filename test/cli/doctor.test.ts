/** `doctor`: what it prints, what it sums up, and how it ends. */
import { expect } from 'chai'
import { summary } from '../../cli/holder/doctor.js'
import { doctorSentence } from '../../cli/screen/doctor-sentences.js'
import { wrapped } from '../../cli/screen/wrapped.js'
import type { Report } from '../../cli/words.js'
import type { Finding, Leg, Verdict } from '../../client-plugin/index.js'
import { startCommand } from '../../scripts/child-command.js'
import { type Playground, startPlayground } from '../../scripts/playground.js'

const well: Partial<Record<Leg, Verdict>> = { account: 'works', component: 'works', state: 'works' }
const findings = (verdicts: Partial<Record<Leg, Verdict>>): Finding[] =>
  Object.entries({ ...well, ...verdicts }).map(([leg, verdict]) => ({
    leg: leg as Leg,
    verdict,
    says: 'It is so.',
    facts: {},
    ms: 1,
  }))

describe('the doctor', () => {
  it('sums up what it means for transfers', () => {
    expect(summary(findings({ component: 'fails' }))).to.match(/^No file can be/)
    expect(summary(findings({ 'from-outside': 'works' }))).to.match(/reach this one directly/)
    expect(summary(findings({ mapping: 'absent', proxy: 'works' }))).to.match(/else through a relay/)
    expect(summary(findings({ mapping: 'absent', proxy: 'absent' }))).to.match(
      /there is no relay for the rest/,
    )
    const relayOnly = (verdicts: Parameters<typeof findings>[0]) =>
      findings(verdicts).map((each) =>
        each.leg === 'listening' ? { ...each, verdict: 'skipped' as const, facts: { path: 'relay' } } : each,
      )
    expect(summary(relayOnly({ listening: 'skipped', proxy: 'works' }))).to.match(
      /through a relay, and by no other way/,
    )
    expect(summary(relayOnly({ listening: 'skipped', proxy: 'absent' }))).to.match(/there is none/)
  })

  it('escapes what a server says, and breaks lines in the width there is (case 87)', () => {
    const says = 'The proxy \u001b[2J works.'
    const [finding] = findings({})
    expect(doctorSentence({ report: 'finding', ...finding!, says })).to.contain('\\x1b[2J')
    expect(wrapped('one two three', undefined, 4)).to.equal('one two three')
    expect(wrapped('eleven letters and some more of them', 30, 5)).to.equal(
      'eleven letters and some\n     more of them',
    )
  })

  describe('on a server', function () {
    this.timeout(180_000)
    let ground: Playground
    before(async () => {
      ground = await startPlayground()
    })
    after(() => ground.stop())
    const doctor = async (env: Record<string, string>) => {
      const child = startCommand(['doctor', '--json'], { env })
      const { code } = await child.ended
      const report = (leg: Leg) =>
        child.reports.find((each) => each.report === 'finding' && each.leg === leg) as Finding | undefined
      return { code, report, reports: child.reports as Report[] }
    }

    it('says each leg in its order and ends well where nothing fails', async () => {
      const { code, reports } = await doctor({ JABBERFS_CONFIG: ground.faust.config })
      const legs = reports.flatMap((report) => (report.report === 'finding' ? [report.leg] : []))
      expect(legs.slice(0, 5)).to.deep.equal(['account', 'component', 'clock', 'state', 'listening'])
      expect(reports.at(-1)).to.include({ report: 'diagnosed', works: true })
      expect(code).to.equal(0)
    })

    it('ends as the first leg that fails would, and tries the others', async () => {
      const { jid, state } = ground.mephisto
      const env = { JABBERFS_JID: jid, JABBERFS_STATE: state, JABBERFS_SERVICE: ground.prosody.service }
      const refused = await doctor({ ...env, JABBERFS_PASSWORD: 'wrong' })
      expect(refused.code).to.equal(4)
      expect(refused.report('account')?.says).to.contain('does not take this password')
      expect(refused.report('state')).to.include({ verdict: 'works' })
      const nowhere = await doctor({
        ...env,
        JABBERFS_PASSWORD: ground.mephisto.password,
        JABBERFS_COMPONENT: 'x.localhost',
      })
      expect(nowhere.code).to.equal(6)
      expect(nowhere.report('component')?.says).to.contain('x.localhost')
    })
  })
})
