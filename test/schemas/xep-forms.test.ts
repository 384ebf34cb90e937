/** What stock clients speak: forms, search, registration, commands, browsing, pages and time. */

import { expect } from 'chai'
import fc from 'fast-check'
import {
  allowedActions,
  askDiscoItems,
  askFileList,
  askRegistration,
  askSearchForm,
  askTime,
  type DataForm,
  isSet,
  Malformed,
  pageWanted,
  parseXml,
  readCommand,
  readFileQuery,
  readForm,
  readFormSearch,
  readRegistration,
  readTime,
  valueIn,
  writeCommand,
  writeDiscoItems,
  writeFileList,
  writeForm,
  writeFormSearch,
  writeRegistration,
  writeSearchForm,
  writeTime,
} from '../../schemas/index.js'
import { carriedText } from './arbitrary.js'

const again = (element: { toString(): string }) => parseXml(String(element))

const searchForm: DataForm = {
  type: 'form',
  title: 'Files',
  instructions: 'Which words are in the name?',
  fields: [
    { var: 'FORM_TYPE', type: 'hidden', values: ['jabber:iq:search'] },
    { var: 'words', type: 'text-single', label: 'Words', required: true, values: [] },
    {
      var: 'type',
      type: 'list-single',
      label: 'Kind',
      values: ['any'],
      options: [{ label: 'Any', value: 'any' }, { value: 'audio' }],
    },
    { var: 'online', type: 'boolean', label: 'Only from somebody online', values: ['0'] },
  ],
}

describe('a data form (XEP-0004)', () => {
  it('is read as it was written', () => {
    expect(readForm(again(writeForm(searchForm)))).to.deep.equal(searchForm)
    const result: DataForm = {
      type: 'result',
      fields: [],
      reported: [{ var: 'name', label: 'Name', type: 'text-single', values: [] }],
      items: [{ name: 'a <b> & "c"' }, { name: ']]>' }],
    }
    expect(readForm(again(writeForm(result)))).to.deep.equal(result)
  })

  it('carries any text, and shows what XML cannot carry as U+FFFD (case 54, P14)', () => {
    fc.assert(
      fc.property(carriedText(200), (text) => {
        const form: DataForm = { type: 'submit', fields: [{ var: 'words', values: [text] }] }
        expect(readForm(again(writeForm(form)))).to.deep.equal(form)
      }),
      { numRuns: 100 },
    )
    const form: DataForm = { type: 'result', fields: [{ var: 'x', values: ['a\u0000b\ud800'] }] }
    expect(readForm(again(writeForm(form))).fields[0]?.values).to.deep.equal(['a\ufffdb\ufffd'])
  })

  it('of a stranger is bounded: fields, values, rows and length (case 28)', () => {
    const field = (name: string) => `<field var='${name}'>${'<value>v</value>'.repeat(100)}</field>`
    const form = readForm(parseXml(`<x xmlns='jabber:x:data' type='submit'>${field('a')}${field('b')}</x>`))
    expect(form.fields.map(({ values }) => values.length)).to.deep.equal([64, 64])
    const wide = `<x xmlns='jabber:x:data' type='submit'>${"<field var='f'/>".repeat(200)}${'<item/>'.repeat(200)}</x>`
    const read = readForm(parseXml(wide))
    expect(read.fields.length).to.equal(64)
    expect(read.items?.length).to.equal(100)
    const long = `<x xmlns='jabber:x:data' type='submit'><field var='f'><value>${'x'.repeat(9_000)}</value></field></x>`
    expect(readForm(parseXml(long)).fields[0]?.values[0]?.length).to.equal(2_048)
  })

  it('of no known type, or another element, is refused', () => {
    expect(() => readForm(parseXml("<x xmlns='jabber:x:data' type='odd'/>"))).to.throw(Malformed, 'x/@type')
    expect(() => readForm(parseXml("<x xmlns='other' type='form'/>"))).to.throw(Malformed)
  })

  it('gives a value where there is one, and what is ticked', () => {
    const form: DataForm = {
      type: 'submit',
      fields: [
        { var: 'words', values: ['girl'] },
        { var: 'none', values: [''] },
        { var: 'online', values: ['true'] },
      ],
    }
    expect(valueIn(form, 'words')).to.equal('girl')
    expect(valueIn(form, 'none')).to.equal(undefined)
    expect(valueIn(form, '__proto__')).to.equal(undefined)
    expect([isSet(form, 'online'), isSet(form, 'words'), isSet(form, 'other')]).to.deep.equal([
      true,
      false,
      false,
    ])
  })
})

describe('a search by form (XEP-0055)', () => {
  const form: DataForm = { type: 'submit', fields: [{ var: 'words', values: ['girl'] }] }

  it('is read as it was written, with its page', () => {
    expect(readFormSearch(again(writeFormSearch({ form })))).to.deep.equal({ form })
    const paged = { form, page: { max: 10, after: 'r7.9' } }
    expect(readFormSearch(again(writeFormSearch(paged)))).to.deep.equal(paged)
  })

  it('is refused without a form, and with one that was not submitted', () => {
    const plain = "<query xmlns='jabber:iq:search'><first>Romeo</first></query>"
    expect(() => readFormSearch(parseXml(plain))).to.throw(Malformed, 'query/x: missing')
    expect(() => readFormSearch(again(writeSearchForm(searchForm)))).to.throw(Malformed, 'not submitted')
    const page = { max: 10 }
    const bad = String(writeFormSearch({ form, page })).replace('10', 'ten')
    expect(() => readFormSearch(parseXml(bad))).to.throw(Malformed, 'query/set/max: not a number')
  })

  it('has a form that is asked for, with words for those who see no form, and its page', () => {
    expect(String(askSearchForm())).to.equal('<query xmlns="jabber:iq:search"/>')
    const text = String(writeSearchForm(searchForm, 'Use a client with forms.', { count: 7 }))
    expect(text).to.contain('<instructions>Use a client with forms.</instructions>')
    expect(text).to.contain('<count>7</count>')
  })
})

describe('registration (XEP-0077)', () => {
  it('says whether somebody is registered, and reads what he wants', () => {
    expect(String(askRegistration())).to.equal('<query xmlns="jabber:iq:register"/>')
    expect(String(writeRegistration(true, 'Nothing to fill in.'))).to.contain('<registered/>')
    expect(String(writeRegistration(false, 'Nothing to fill in.'))).not.to.contain('<registered/>')
    expect(readRegistration(parseXml("<query xmlns='jabber:iq:register'/>"))).to.equal('register')
    expect(readRegistration(parseXml("<query xmlns='jabber:iq:register'><remove/></query>"))).to.equal(
      'remove',
    )
    expect(() => readRegistration(parseXml("<query xmlns='x'/>"))).to.throw(Malformed)
  })
})

describe('a command (XEP-0050)', () => {
  const ns = 'http://jabber.org/protocol/commands'

  it('is read with its stage, and answered with what may follow', () => {
    const first = readCommand(parseXml(`<command xmlns='${ns}' node='shares'/>`))
    expect(first).to.deep.equal({ node: 'shares', action: 'execute' })
    const submitted = `<command xmlns='${ns}' node='unshare' sessionid='s1' action='complete'>${writeForm({ type: 'submit', fields: [] })}</command>`
    expect(readCommand(parseXml(submitted))).to.deep.equal({
      node: 'unshare',
      action: 'complete',
      sessionid: 's1',
      form: { type: 'submit', fields: [] },
    })
    const answer = writeCommand({
      node: 'unshare',
      sessionid: 's1',
      status: 'executing',
      actions: { allowed: ['complete'], execute: 'complete' },
      notes: [{ type: 'info', text: 'a & b' }],
      form: searchForm,
    })
    expect(allowedActions(again(answer))).to.deep.equal(['complete'])
    expect(answer.getChildText('note')).to.equal('a & b')
  })

  it('is refused without a node, with an unknown action, and with texts that are too long', () => {
    const refused = [
      `<command xmlns='${ns}'/>`,
      `<command xmlns='${ns}' node='x' action='explode'/>`,
      `<command xmlns='${ns}' node='${'x'.repeat(257)}'/>`,
      `<command xmlns='${ns}' node='x' sessionid='${'x'.repeat(129)}'/>`,
      `<command xmlns='${ns}' node='x'><x xmlns='jabber:x:data'/></command>`,
      "<command xmlns='other' node='x'/>",
    ]
    for (const text of refused) expect(() => readCommand(parseXml(text)), text).to.throw(Malformed)
  })
})

describe('browsing by stock clients (XEP-0329, XEP-0030)', () => {
  it('asks for a node, and is given directories and files', () => {
    expect(readFileQuery(askFileList())).to.equal('')
    expect(readFileQuery(again(askFileList('faust@goethe.example/Bilder & mehr')))).to.equal(
      'faust@goethe.example/Bilder & mehr',
    )
    expect(() => readFileQuery(askFileList('x'.repeat(4_097)))).to.throw(Malformed, 'too long')
    expect(() => readFileQuery(parseXml("<query xmlns='x'/>"))).to.throw(Malformed)
    const list = again(
      writeFileList(
        'a',
        ['d'],
        [{ name: 'f', size: 7, date: '2002-02-12T20:22:59Z', mediaType: 'a/b', root: new Uint8Array(32) }],
      ),
    )
    expect(list.getChild('directory')?.attrs.name).to.equal('d')
    const file = list.getChild('file', 'urn:xmpp:jingle:apps:file-transfer:5')
    expect(file?.getChildText('size')).to.equal('7')
    expect(file?.getChildText('name')).to.equal('f')
  })

  it('lists items of a node, page by page', () => {
    const items = writeDiscoItems([{ jid: 'files.x', node: 'a', name: 'A' }], 'n', { last: 'm' })
    expect(items.attrs.node).to.equal('n')
    expect(items.getChild('set')?.getChildText('last')).to.equal('m')
    expect(String(askDiscoItems())).not.to.contain('node')
    expect(String(writeDiscoItems([]))).to.equal('<query xmlns="http://jabber.org/protocol/disco#items"/>')
  })
})

describe('a page that is wanted (XEP-0059)', () => {
  it('has at most a hundred results, however many are wished for (case 50, P21)', () => {
    const set = (max: string) =>
      parseXml(`<set xmlns='http://jabber.org/protocol/rsm'><max>${max}</max></set>`)
    expect(pageWanted.read(set('1000000')).max).to.equal(100)
    expect(pageWanted.read(set('0')).max).to.equal(0)
    expect(() => pageWanted.read(set('-1'))).to.throw(Malformed)
    // Who asks for a page by its number is not given the first one for it.
    const at = (index: number) =>
      parseXml(`<set xmlns='http://jabber.org/protocol/rsm'><max>5</max><index>${index}</index></set>`)
    expect(pageWanted.read(at(0))).to.deep.equal({ max: 5 })
    expect(() => pageWanted.read(at(5)))
      .to.throw(Malformed)
      .with.property('refusal', 'unknown-action')
  })
})

describe('the time (XEP-0202)', () => {
  it('is told in UTC, and read', () => {
    const now = new Date('2002-02-12T20:22:59.123Z')
    expect(String(writeTime(now))).to.contain('<utc>2002-02-12T20:22:59Z</utc>')
    expect(readTime(again(writeTime(now))).toISOString()).to.equal('2002-02-12T20:22:59.000Z')
    expect(() => readTime(askTime())).to.throw(Malformed, 'time/utc')
  })
})
