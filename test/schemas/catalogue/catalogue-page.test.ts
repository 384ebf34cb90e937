/** docs/catalogue.md is the authority on the catalogue's words: its examples, tables and figures are what the code does. */

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { defaultQuotas } from '../../../component/catalogue/limits.js'
import {
  ListReader,
  maxListEntries,
  maxPackedBytes,
  maxRatio,
  maxUnpackedBytes,
} from '../../../protocol/catalogue-list/index.js'
import {
  type Codec,
  catalogueElements,
  isQuestionName,
  maxAdds,
  maxBlockedDomains,
  maxBlockedPeers,
  maxDepth,
  maxDomains,
  maxFrozen,
  maxListedPeers,
  maxMatched,
  maxPage,
  maxPath,
  maxPublishBytes,
  maxRemoves,
  maxSegment,
  maxSeq,
  maxShareName,
  maxShares,
  maxTag,
  maxTags,
  maxTtl,
  maxTypes,
  maxWatches,
  maxWords,
  nsCatalogue,
  nsTransfer,
  pageBytes,
  pageBytesInLines,
  parseXml,
  questions,
  readAction,
  refusals,
  writeAction,
} from '../../../schemas/index.js'
import { childElements, type Element, localName, namespaceOf } from '../../../schemas/xml.js'
import { counts, tablesOf, word } from '../tables.js'
import { compact, schemaRefuses } from '../vectors.js'

const read = (name: string) => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8')
const page = read('catalogue.md')
const table = tablesOf(page)
const codecs = catalogueElements as unknown as Record<string, Codec<unknown>>

/** The elements of the catalogue in all examples, with or without an IQ around them. */
function examples(): Element[] {
  return [...page.matchAll(/^```xml\n([\s\S]*?)^```$/gm)]
    .flatMap(([, text]) => childElements(parseXml(`<page>${text}</page>`)))
    .flatMap((element) => (element.name === 'iq' ? childElements(element) : [element]))
}

describe('the page of the catalogue', () => {
  it('says that the component serves it', () => {
    expect(page).to.contain('**stable: the component serves all of it')
  })

  it('has examples that are well made and in canonical form, of every element', () => {
    const shown = new Set<string>()
    for (const element of examples()) {
      if (namespaceOf(element) === nsTransfer) continue
      expect(namespaceOf(element)).to.equal(nsCatalogue)
      const text = String(element)
      const codec = codecs[localName(element)]!
      expect(String(codec.write(codec.read(element))), text).to.equal(compact(text))
      expect(schemaRefuses(compact(text), 'vectors-catalogue'), text).to.equal(undefined)
      shown.add(localName(element))
    }
    expect([...shown].sort()).to.deep.equal(Object.keys(codecs).sort())
  })

  it('has examples of a whole list that are well made actions, in canonical form', () => {
    const shown = examples().filter((element) => namespaceOf(element) === nsTransfer)
    for (const element of shown) {
      expect(String(writeAction(readAction(element)))).to.equal(compact(String(element)))
      expect(schemaRefuses(compact(String(element)), 'vectors')).to.equal(undefined)
    }
    expect(shown.map(localName)).to.deep.equal(['offer', 'accept', 'complete'])
  })

  it('lists exactly the elements that there are, by which IQ they are said, and how they are answered', () => {
    const rows = table('element').map((row) => row.map(word))
    expect(rows.map(([name]) => name)).to.deep.equal(Object.keys(codecs))
    for (const [name, iq, , , answer] of rows) {
      if (!isQuestionName(name!)) {
        expect(iq, name).to.match(/^result$|from the component$/)
        continue
      }
      const { type, answers } = questions[name]
      expect(iq, name).to.equal(type)
      expect(answer, name).to.equal(answers.map((codec) => codec.name).join(' or ') || 'empty')
    }
  })

  it('names the limits that hold', () => {
    const said = Object.fromEntries(
      table('what').map(([what, limit]) => [what, limit!.replace(/ (characters|seconds)$/, '')]),
    )
    expect(said).to.deep.equal({
      'a path': counts(maxPath),
      'a name in a path': counts(maxSegment),
      'names in a path': counts(maxDepth),
      'words of a search': counts(maxWords),
      'types in a search': counts(maxTypes),
      "a share's name": counts(maxShareName),
      'a tag': counts(maxTag),
      'tags of a share, of an entry, in a search': counts(maxTags),
      'shares of a device': counts(maxShares),
      'domains a share is for': counts(maxDomains),
      'peers a share is for': counts(maxListedPeers),
      'entries added by one publication': counts(maxAdds),
      'paths removed by one publication': counts(maxRemoves),
      'bytes of a publication': counts(maxPublishBytes),
      'the number of a change': counts(maxSeq),
      'a time to live': counts(maxTtl),
      'results of a page': counts(maxPage),
      'bytes of a page': counts(pageBytes),
      'bytes of a page in lines, with its stanza': counts(pageBytesInLines),
      'results that are frozen': counts(maxFrozen),
      'watches of a device': counts(maxWatches),
      'different sets of domains and peers that the shares of a peer are for, over all devices': counts(
        defaultQuotas.audiencesPerPeer,
      ),
      'devices of a peer': counts(defaultQuotas.devicesPerPeer),
      'watches of a peer, over all devices': counts(defaultQuotas.watchesPerPeer),
      'hits in a notification': counts(maxMatched),
      'domains that are blocked': counts(maxBlockedDomains),
      'peers that are blocked': counts(maxBlockedPeers),
      'entries in a whole list': counts(maxListEntries),
      'bytes of a whole list, packed': counts(maxPackedBytes),
      'bytes of a whole list, unpacked': counts(maxUnpackedBytes),
    })
    expect(page).to.contain(`${maxRatio} times of what was read`)
  })

  it('shows a whole list that can be read', () => {
    const [, text] = /^```list\n([\s\S]*?)^```$/m.exec(page) ?? []
    const reader = new ListReader()
    const entries = reader.push(Buffer.from(text!))
    expect(reader.end()).to.deep.equal({ share: 'Bilder-2002', seq: 1204, entries: 3 })
    expect(entries.map(({ path }) => path)).to.deep.equal([
      'index.html',
      '2002/gretchen.jpg',
      '2002/ohne typ',
    ])
  })

  it('has errors that are rows of the table of refusals', () => {
    const known = Object.values(refusals).map(({ condition, type }) => `${condition}/${type}`)
    for (const [situation, error] of table('situation')) {
      expect(known, situation).to.include(word(error!).split(',')[0])
    }
  })

  it('has a target for each of its links, also into the page of transfers', () => {
    const anchorsOf = (text: string) =>
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      )
    const targets = { '': anchorsOf(page), 'protocol.md': anchorsOf(read('protocol.md')) }
    for (const [, file, anchor] of page.matchAll(/\]\(((?:protocol\.md)?)#([^)]+)\)/g)) {
      expect(targets[file as keyof typeof targets], `${file}#${anchor}`).to.include(anchor)
    }
  })
})
