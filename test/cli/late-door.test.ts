/**
 * A command that tried for the state folder so long, on a busy machine, that its patience was over by then: it knocks once more, since
 * whoever holds the folder may have opened its door meanwhile. The clock is played, and the command runs in this process.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { type Door, openDoor } from '../../cli/holder/door.js'
import { perform } from '../../cli/perform.js'
import type { Screen } from '../../cli/screen/screen.js'
import { Journal } from '../../client-plugin/journal/journal.js'

describe('a command whose own try for the state folder took too long', () => {
  const { now } = Date
  const { pragma } = Database.prototype
  const environment = { ...process.env }
  let state: string
  let holder: Journal
  /** Done when the command has begun to open the journal that the holder has. */
  let meanwhile: () => void
  let tries: number

  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'jabberfs-late-'))
    holder = new Journal(state)
    tries = 0
    Object.assign(process.env, {
      JABBERFS_CONFIG: join(state, 'none.toml'),
      JABBERFS_JID: 'faust@goethe.example',
      JABBERFS_PASSWORD: 'secret',
      JABBERFS_STATE: state,
    })
    Database.prototype.pragma = function (this: Database.Database, ...given: Parameters<typeof pragma>) {
      if (this.name === join(state, 'journal.sqlite') && given[0].startsWith('locking_mode')) {
        tries++
        // It is long over when this has been tried.
        Date.now = () => now() + 60_000 * tries
        meanwhile()
      }
      return pragma.apply(this, given)
    }
  })
  afterEach(() => {
    Date.now = now
    Database.prototype.pragma = pragma
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
    Object.assign(process.env, environment)
    holder.close()
    rmSync(state, { recursive: true })
  })

  const screen: Screen = { isForPrograms: true, show() {}, fail() {}, note() {}, close() {} }
  const lists = () => perform({ order: 'transfers' }, screen)

  it('goes through a door that was opened meanwhile', async () => {
    let door: Promise<Door> | undefined
    meanwhile = () => {
      door ??= openDoor(state, async () => 7)
    }
    expect(await lists()).to.equal(7)
    expect(tries).to.equal(1)
    await (await door)?.close()
  })

  it('is told that the folder is in use where nobody opens', async () => {
    meanwhile = () => {}
    const why = await lists().catch((error) => error)
    expect(why).to.have.property('code', 'state-in-use')
    expect(tries).to.equal(1)
  })
})
