/** What the component answers to disco#info, on a real Prosody, is what the pages of the protocol and of the catalogue show. */

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import {
  askDiscoInfo,
  formOf,
  nsCatalogue,
  nsCommands,
  nsDataForms,
  nsFileSharing,
  nsRegister,
  nsRsm,
  nsSearch,
  nsTransfer,
  parseXml,
  readDiscoInfo,
} from '../../schemas/index.js'
import { tablesOf, word } from '../schemas/tables.js'
import { type Device, Stage } from './stage.js'

const page = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')
const fieldsIn = (name: string) => tablesOf(page(name))('field').map(([field]) => word(field!))

describe('disco#info of the component and the pages', () => {
  let stage: Stage
  let faust: Device
  let stranger: Device

  before(async () => {
    stage = await Stage.open({ catalogue: { users: ['faust@localhost'] } })
    faust = await stage.device('faust')
    stranger = await stage.device('mephisto')
  })
  after(() => stage.close())

  const info = async (who: Device) => readDiscoInfo((await who.ask(askDiscoInfo(), 'get'))!)

  it('agree on what is said to everybody', async () => {
    const [, example = ''] =
      /(<query xmlns='http:\/\/jabber.org\/protocol\/disco#info'>[\s\S]*?<\/query>)/.exec(
        page('protocol.md'),
      )!
    const shown = readDiscoInfo(parseXml(example))
    const said = await info(stranger)
    expect(said.identities).to.deep.equal(shown.identities)
    expect(said.features).to.have.members(shown.features)
    expect(said.forms).to.deep.equal(shown.forms)
    expect(Object.keys(formOf(said, nsTransfer)!)).to.deep.equal(fieldsIn('protocol.md'))
  })

  it('agree on what is said to those who may use the catalogue', async () => {
    const said = await info(faust)
    const stock = [nsSearch, nsRegister, nsCommands, nsFileSharing, nsDataForms, nsRsm]
    expect(said.features).to.have.members([...(await info(stranger)).features, nsCatalogue, ...stock])
    expect(Object.keys(formOf(said, nsCatalogue)!)).to.deep.equal(fieldsIn('catalogue.md'))
  })
})
