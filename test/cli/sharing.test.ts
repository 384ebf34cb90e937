/** The command for shared folders as people use it: two of them on a private server, in processes of their own. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Report } from '../../cli/words.js'
import { kind, type Of } from './reports.js'
import { twoPeople } from './two-people.js'

describe('the command for shared folders', function () {
  this.timeout(180_000)
  const people = twoPeople('sharing', { goOn: true })
  const { start, run } = people
  let music: string
  before(() => {
    music = join(people.dir, 'Music')
    mkdirSync(join(music, 'Gounod'), { recursive: true })
    writeFileSync(join(music, 'Gounod', 'Faust Walpurgisnacht.ogg'), Buffer.alloc(300_000, 'w'))
    writeFileSync(join(music, 'Gounod', 'Faust Soldatenchor.ogg'), Buffer.alloc(200_000, 's'))
    writeFileSync(join(music, 'list\u202etxt.ogg'), 'what there is')
    writeFileSync(join(music, 'bell\x07.txt'), 'no name that XML carries')
    symlinkSync('/etc/passwd', join(music, 'leaves'))
  })
  /** Asks again until it is so: what is found may lag behind a change. */
  const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const seen = await look()
      if (seen !== undefined) return seen
    }
  }
  const search = async (...args: string[]): Promise<Of<'hit'>[]> => {
    const { code, output, reports } = await run(people.ground.faust, '--json', 'search', ...args)
    expect(code, output).to.equal(0)
    return reports.filter((report) => report.report === 'hit')
  }

  it('share, search, browse, get by path, number and hash, watch, and unshare: from the first to the last', async () => {
    const { faust, mephisto } = people.ground
    // What faust asks goes through his own daemon, as it does for people.
    const daemon = start(faust, '--json', 'serve')
    await daemon.until(kind('serving'))
    const sharing = start(mephisto, '--json', 'share', music, '--tag', '#songs', '--tag', 'Songs')
    const shared = (await sharing.until(kind('shared'))) as Of<'shared'>
    expect(shared).to.include({
      name: 'Music',
      files: 3,
      publishedFiles: 3,
      leftOutFiles: 2,
      state: 'current',
    })
    const leftOut = sharing.reports.filter((report) => report.report === 'left-out')
    expect(leftOut.map(({ path, why }) => [path, why])).to.have.deep.members([
      ['leaves', 'link-leaves-folder'],
      ['bell\x07.txt', 'name'],
    ])
    expect(await sharing.until(kind('looked-after'))).to.include({ by: 'this' })

    // Found by words, type and tag; only what all of them say.
    const hits = await until(async () => {
      const found = await search('faust', '--tag', 'songs', '--type', 'audio', '--online')
      return found.length === 2 ? found : undefined
    })
    for (const hit of hits) expect(hit).to.include({ peer: mephisto.jid, sources: 1, online: 1 })
    expect(await search('faust', '--size', '250k..')).to.have.length(1)
    expect(await search('faust', '--tag', 'papers')).to.have.length(0)

    // In a pipe: plain lines, and what strangers wrote is escaped.
    const peers = await run(faust, 'peers')
    expect(peers.output).to.contain(mephisto.jid).and.contain('online')
    const browsed = await run(faust, 'browse', mephisto.jid, 'Music')
    expect(browsed.output).to.contain('Music/Gounod/  2 files').and.contain('list\\u{202e}txt.ogg')
    expect(browsed.output).not.to.match(/(?!\n)\p{Cc}|\u202e/u)
    const below = await run(faust, '--json', 'browse', mephisto.jid, shared.id, '--deep')
    expect(below.reports.filter(kind('file'))).to.have.length(3)
    expect((await run(faust, 'tags')).output).to.contain('songs  3 files')

    // By path, by number (of the last list), by hash; what is there already is success, and nothing is fetched.
    const path = 'Music/Gounod/Faust Walpurgisnacht.ogg'
    const byPath = await run(faust, '--json', 'get', mephisto.jid, path, '--into', people.into)
    expect(byPath.code, byPath.output).to.equal(0)
    expect(readFileSync(join(people.into, 'Faust Walpurgisnacht.ogg'))).to.deep.equal(
      Buffer.alloc(300_000, 'w'),
    )
    const [soldiers] = await search('soldatenchor')
    const list = join(faust.state, 'last-list.json')
    expect(statSync(list).mode & 0o777).to.equal(0o600)
    const byNumber = await run(faust, '--json', 'get', '1', '--into', people.into)
    expect(byNumber.code, byNumber.output).to.equal(0)
    expect(readFileSync(join(people.into, 'Faust Soldatenchor.ogg'))).to.deep.equal(
      Buffer.alloc(200_000, 's'),
    )
    const again = await run(faust, '--json', 'get', '1', '--into', people.into)
    expect(again.reports.find(kind('finished')), again.output).to.include({ wasThere: true, bytesMoved: 0 })
    const byHash = await run(
      faust,
      '--json',
      'get',
      soldiers!.root,
      '--into',
      people.into,
      '--as',
      'choir.ogg',
    )
    expect(byHash.code, byHash.output).to.equal(0)
    expect(readdirSync(people.into).sort()).to.deep.equal([
      'Faust Soldatenchor.ogg',
      'Faust Walpurgisnacht.ogg',
      'choir.ogg',
    ])
    expect((await run(faust, 'sources', soldiers!.root)).output).to.contain('Gounod/Faust Soldatenchor.ogg')
    const nobodys = 'ab'.repeat(32)
    for (const command of [
      ['sources', nobodys],
      ['get', nobodys, '--into', people.into],
    ]) {
      const unheard = await run(faust, ...command)
      expect(unheard).to.include({ code: 9 })
      expect(unheard.output).to.contain('Nobody shares a file with the hash abababab… with you.')
    }

    // A saved search hears of a new file; a renamed one is found by its new name.
    const watching = start(faust, '--json', 'watch', 'spinnrade', '--once')
    await watching.until(kind('watching'))
    writeFileSync(join(music, 'Gretchen am Spinnrade.mid'), 'Meine Ruh ist hin')
    const matched = (await watching.until(kind('matched'))) as Of<'matched'>
    expect(matched.hits[0]).to.include({ path: 'Gretchen am Spinnrade.mid', peer: mephisto.jid })
    expect((await watching.ended).code).to.equal(0)
    const watches = await run(faust, '--json', 'watch', '--list')
    const [saved] = watches.reports.filter((report) => report.report === 'watch')
    expect(saved).to.deep.include({ query: { words: 'spinnrade' } })
    expect((await run(faust, 'watch', '--remove', saved!.id)).code).to.equal(0)
    expect((await run(faust, 'watch', '--remove', saved!.id)).code).to.equal(15)
    renameSync(join(music, 'Gretchen am Spinnrade.mid'), join(music, 'Margarethe.mid'))
    await until(async () => ((await search('margarethe')).length === 1 ? true : undefined))

    // Other commands go through the one that runs; taken back, nobody finds it.
    const shares = await run(mephisto, '--json', 'shares')
    expect(shares.reports[0]).to.include({ report: 'relayed', pid: sharing.process.pid })
    expect(shares.reports[1]).to.include({ report: 'share', name: 'Music', files: 4 })
    const unshared = await run(mephisto, 'unshare', music)
    expect(unshared, unshared.output).to.include({ code: 0 })
    expect(await search('faust')).to.have.length(0)
    const gone = await run(faust, 'get', mephisto.jid, path, '--into', people.into)
    expect(gone).to.include({ code: 9 })
    expect(gone.output).to.match(
      /has no share “Music” that you may see\. `jabberfs browse mephisto@localhost`/,
    )
    expect((await run(mephisto, 'shares')).output).to.contain('nothing is shared')
    sharing.kill('SIGINT')
    expect((await sharing.ended).code).to.equal(0)
  })

  it('get brings a whole folder, what is here already is not fetched again, and what fails keeps nobody else (P2, P13)', async () => {
    const { faust, mephisto } = people.ground
    const tales = join(people.dir, 'Tales')
    mkdirSync(join(tales, 'sub', '-deep'), { recursive: true })
    mkdirSync(join(tales, 'other'))
    writeFileSync(join(tales, 'one.txt'), 'one')
    writeFileSync(join(tales, 'sub', 'two.txt'), 'two')
    writeFileSync(join(tales, 'sub', '-deep', '-rf'), 'three')
    writeFileSync(join(tales, 'other', '___'), 'no name to be had')
    const sharing = start(mephisto, '--json', 'share', tales)
    await sharing.until(kind('looked-after'))
    const here = join(people.dir, 'here')
    mkdirSync(here)
    const sumOf = ({ reports }: { reports: readonly Report[] }) => reports.find(kind('folder-got'))

    const sub = await run(faust, '--json', 'get', mephisto.jid, 'Tales/sub', '--into', here)
    expect(sub.code, sub.output).to.equal(0)
    expect(sumOf(sub)).to.include({
      path: 'Tales/sub',
      fetched: 2,
      bytes: 8,
      there: 0,
      failed: 0,
      isWhole: true,
    })
    expect(sub.reports.filter(kind('folder-getting')).at(-1), sub.output).to.include({
      path: 'Tales/sub',
      files: 2,
    })
    expect(readFileSync(join(here, 'sub', '_-deep', '_-rf'), 'utf8')).to.equal('three')
    const again = await run(faust, '--json', 'get', mephisto.jid, 'Tales/sub/', '--into', here)
    expect(sumOf(again)).to.include({ fetched: 0, there: 2, isWhole: true })
    expect((await run(faust, 'transfers', '--all')).output.match(/two\.txt/g)).to.have.length(1)

    // A link where a folder is to be leads nowhere; a file of the same name stays; a name that is none is left.
    rmSync(join(here, 'sub', '_-deep'), { recursive: true })
    symlinkSync(people.dir, join(here, 'sub', '_-deep'))
    writeFileSync(join(here, 'sub', 'two.txt'), 'mine')
    symlinkSync('sub', join(here, 'Tales'))
    const beside = await run(faust, '--json', 'get', mephisto.jid, 'Tales/', '--into', here)
    expect(beside.code, beside.output).to.equal(7)
    expect(sumOf(beside)).to.include({ fetched: 0, there: 0, failed: 4, isWhole: true })
    rmSync(join(here, 'Tales'))
    const linked = await run(faust, '--json', 'get', mephisto.jid, 'Tales/', '--into', here, '--as', 'sub')
    expect(linked.code, linked.output).to.equal(7)
    // Below the folder's new name: `sub` is one more folder in it.
    expect(sumOf(linked)).to.include({ fetched: 3, there: 0, failed: 1, isWhole: true })
    const more = await run(faust, '--json', 'get', mephisto.jid, 'Tales/sub', '--into', here)
    expect(sumOf(more)).to.include({ fetched: 1, there: 0, failed: 1 })
    expect(readFileSync(join(here, 'sub', 'two.txt'), 'utf8')).to.equal('mine')
    expect(readFileSync(join(here, 'sub', 'two (1).txt'), 'utf8')).to.equal('two')
    expect(existsSync(join(people.dir, '_-rf'))).to.equal(false)
    // What `browse` shows as `Tales/` is all of it without the stroke, too.
    const plain = await run(faust, '--json', 'get', mephisto.jid, 'Tales', '--into', here)
    expect(sumOf(plain)).to.include({ path: 'Tales', isWhole: true })
    rmSync(join(here, 'Tales'), { recursive: true })
    const none = await run(faust, 'get', mephisto.jid, 'Tales/none/', '--into', here)
    expect(none).to.include({ code: 9 })
    expect(none.output).to.contain('has no folder “Tales/none” that you may get')
    expect((await run(faust, 'get', mephisto.jid, 'Tales/none.txt', '--into', here)).code).to.equal(9)
    const ended = await run(faust, '--json', 'transfers', '--all')
    const refused = (ended.reports as Of<'transfer'>[]).find(({ filename }) => filename === 'none.txt')
    expect([refused?.state, refused?.trouble?.code]).to.deep.equal(['declined', 'not-found'])
    expect((await run(mephisto, 'unshare', 'Tales')).code).to.equal(0)
    sharing.kill('SIGINT')
    await sharing.ended
  })

  it('what is for others does not exist for who is not among them', async () => {
    const { faust, mephisto } = people.ground
    const secret = join(people.dir, 'Diary')
    mkdirSync(secret)
    writeFileSync(join(secret, 'pact.txt'), 'signed in blood')
    const hidden = await run(mephisto, '--json', 'share', secret, '--for', 'gretchen@markt.example', '--once')
    expect(hidden.code, hidden.output).to.equal(0)
    expect(await search('pact')).to.have.length(0)
    expect((await run(faust, 'browse', mephisto.jid)).output).to.contain('nothing that you may see')
    expect((await run(faust, 'get', mephisto.jid, 'Diary/pact.txt', '--into', people.into)).code).to.equal(9)
    const opened = await run(mephisto, '--json', 'share', secret, '--for', faust.jid, '--once')
    expect(opened.code, opened.output).to.equal(0)
    expect(await search('pact')).to.have.length(1)
    // He has gone again: he is listed with those who are not online, and with all, and not as he is asked for usually.
    const listed = async (...args: string[]) =>
      (await run(faust, 'peers', ...args)).output.includes(mephisto.jid)
    await until(async () => ((await listed('--offline')) ? true : undefined))
    expect(await listed('--all')).to.equal(true)
    expect([await listed(), await listed('--online')]).to.deep.equal([false, false])
    expect((await run(mephisto, 'unshare', 'Diary')).code).to.equal(0)
  })

  it('serve is the only one, outlives its server, takes folders over, and ends in order', async () => {
    const { faust, mephisto, prosody } = people.ground
    const serving = start(mephisto, '--json', 'serve', '--into', people.into, '--from', faust.jid)
    await serving.until(kind('serving'))
    const second = await run(mephisto, 'serve')
    expect(second).to.include({ code: 13 })
    expect(second.output).to.match(new RegExp(`runs already for .*process ${serving.process.pid}`))

    const handed = await run(mephisto, '--json', 'share', music)
    expect(handed.code, handed.output).to.equal(0)
    expect(handed.reports.at(-1)).to.deep.include({ report: 'looked-after', by: 'other' })

    await prosody.kill()
    await serving.until(kind('away'))
    await prosody.restart()
    await serving.until(kind('back'))
    writeFileSync(join(music, 'Kirchhof.txt'), 'Wer liegt hier begraben?')
    await until(async () => {
      const { code, reports } = await run(faust, '--json', 'search', 'kirchhof')
      return code === 0 && reports.some(kind('hit')) ? true : undefined
    })
    writeFileSync(join(people.dir, 'letter.txt'), 'Mein Freund!')
    expect((await run(faust, 'send', join(people.dir, 'letter.txt'), mephisto.jid)).code).to.equal(0)
    expect(existsSync(join(people.into, 'letter.txt'))).to.equal(true)
    serving.kill('SIGTERM')
    expect((await serving.ended).code).to.equal(0)
  })
})
