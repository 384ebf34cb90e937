/** What the codecs refuse to write, and what they do with more than they use. */

import { expect } from 'chai'
import {
  type Accept,
  accept,
  bareJid,
  file,
  isActionName,
  Malformed,
  offer,
  parseXml,
  readAction,
  xml,
} from '../../schemas/index.js'

const sid = '5d1e0c8a7b3f49264e90a1c2d3b4f567'
const ns = 'jabberfs:transfer:1'
const plainFile = { filename: 'a', filesize: 1, hashes: [], rootLater: false }

function pathOf(step: () => unknown): string {
  try {
    step()
    return 'taken'
  } catch (error) {
    expect(error).to.be.instanceOf(Malformed)
    return `${(error as Malformed).path}: ${(error as Malformed).reason}`
  }
}

describe('a codec', () => {
  it('refuses to write what it would refuse to read, and says where', () => {
    const way = {
      kind: 'listening' as const,
      candidates: [{ kind: 'host' as const, ip: 'localhost', port: 1 }],
    }
    const base: Accept = { sid, attempt: 1, append: false, files: [] }
    expect(pathOf(() => accept.write({ ...base, way }))).to.equal(
      'accept/listening/candidate[1]/ip: not an IP literal',
    )
    expect(pathOf(() => accept.write({ ...base, attempt: 0 }))).to.equal('accept/@attempt: too small')
    expect(pathOf(() => accept.write({ ...base, sid: 'file_1' }))).to.equal('accept/@sid: not a session id')
    expect(pathOf(() => accept.write({ ...base, way: { kind: 'listening', candidates: [] } }))).to.equal(
      'accept/listening/candidate: too few',
    )
    expect(
      pathOf(() => offer.write({ every: false, files: [plainFile, { ...plainFile, filename: 'a\0' }] })),
    ).to.equal('offer/file[2]/filename: characters that XML cannot carry')
    expect(pathOf(() => offer.write({ every: false, files: [] }))).to.equal('offer/file: too few')
    expect(
      pathOf(() => accept.write({ ...base, files: Array.from({ length: 65 }, () => plainFile) })),
    ).to.equal('accept/file: too many')
  })

  it('takes the first four of a hundred candidates (case 67, P12)', () => {
    const candidates = Array.from({ length: 100 }, (_, index) =>
      xml('candidate', { kind: 'host' }, xml('ip', null, `10.0.0.${index}`), xml('port', null, '6666')),
    )
    const element = xml('accept', { xmlns: ns, sid, attempt: 1 }, xml('listening', null, ...candidates))
    const { way } = accept.read(element)
    expect(way?.kind === 'listening' && way.candidates.map((one) => 'ip' in one && one.ip)).to.deep.equal([
      '10.0.0.0',
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.3',
    ])
  })

  it('never says back what the peer sent: the path has names of ours only (P14)', () => {
    const rude =
      "<offer xmlns='jabberfs:transfer:1' peer='\x1b[31m@'><file><filename>../x</filename></file></offer>"
    expect(pathOf(() => readAction(parseXml(rude)))).to.equal('offer/@peer: not a JID')
  })

  it('tells an address that is none from everything else that cannot be read', () => {
    const refusalOf = (attrs: Record<string, string>) => {
      try {
        return readAction(xml('ready', { xmlns: ns, ...attrs })).action
      } catch (error) {
        return (error as Malformed).refusal
      }
    }
    expect(refusalOf({ peer: '@goethe.example' })).to.equal('jid-malformed')
    expect(refusalOf({ sid: 'file_1' })).to.equal('malformed')
  })

  it('reads a file with neither root nor the promise of one, so that it can be refused for that (case 99)', () => {
    const value = file.read(
      parseXml(`<file xmlns='${ns}'><filename>a</filename><filesize>1</filesize></file>`),
    )
    expect(value).to.deep.equal({ filename: 'a', filesize: 1, hashes: [], rootLater: false })
  })

  it('gives values that nothing of the stanza hangs on', () => {
    const element = parseXml(`<accept xmlns='${ns}' sid='${sid}' attempt='1'><connecting/></accept>`)
    const value = accept.read(element)
    element.children = []
    element.attrs = {}
    expect(value).to.deep.equal({ sid, attempt: 1, way: { kind: 'connecting' }, append: false, files: [] })
    expect(JSON.parse(JSON.stringify(value))).to.deep.equal(value)
  })
})

describe('the table of actions', () => {
  it('has no action by a name that objects have by nature', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'login', 'field'])
      expect(isActionName(name)).to.equal(false)
    expect(pathOf(() => readAction(xml('constructor', { xmlns: ns })))).to.equal(': not an action')
  })

  it('tells an action from its namesake in another namespace', () => {
    expect(pathOf(() => readAction(xml('timeout', { xmlns: 'jabber:iq:oob', attempt: 1 })))).to.equal(
      ': not an action',
    )
    expect(readAction(xml('timeout', { xmlns: ns, attempt: 1 }))).to.deep.equal({
      action: 'timeout',
      value: { attempt: 1 },
    })
  })

  it('folds the peer, so that it equals what servers stamp', () => {
    const action = readAction(xml('ready', { xmlns: ns, peer: 'Mephisto@Goethe.Example/Keller' }))
    expect(bareJid(action.value.peer!)).to.equal('mephisto@goethe.example')
  })
})
