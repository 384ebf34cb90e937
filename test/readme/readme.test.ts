/** The README is held to what is true: its codes, its variables, its example, its links. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { exits } from '../../cli/exit-codes.js'
import { settings, usualLimits } from '../../component/index.js'

const root = join(fileURLToPath(import.meta.url), '..', '..', '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('the README', () => {
  const readme = read('README.md')

  it('lists every exit code with its meaning, and no other', () => {
    const table = readme.slice(readme.indexOf('### Exit codes'), readme.indexOf('### Account'))
    const listed = [...table.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, code, means]) => [
      Number(code),
      means,
    ])
    expect(listed).to.deep.equal(Object.values(exits).map(({ exit, means }) => [exit, means]))
  })

  it('names every variable that the command reads, and no other', () => {
    const inCode = new Set<string>()
    for (const file of ['account.ts', 'settings.ts']) {
      for (const [name] of read(`cli/${file}`).matchAll(/JABBERFS_[A-Z_]+/g)) inCode.add(name)
    }
    const inTable = [...readme.matchAll(/^\| `(JABBERFS_[A-Z_]+)` \|/gm)].map(([, name]) => name!)
    expect(inTable.sort()).to.deep.equal([...inCode].sort())
  })

  it('shows the example that was compiled', () => {
    const example = read('test/readme/example.ts').replace(/^\/\*\*.*\*\/\n\n/, '')
    expect(readme).to.contain(`\`\`\`ts\n${example}\`\`\``)
  })

  it('names only scripts that there are, and every command', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const [, name] of readme.matchAll(/npm run ([\w:]+)/g)) expect(scripts).to.have.property(name!)
    const commands = readdirSync(join(root, 'cli', 'commands')).map((file) => read(`cli/commands/${file}`))
    for (const [, name] of commands.join('').matchAll(/\.command\('(\w+)'\)/g))
      expect(readme).to.contain(`jabberfs ${name}`)
  })

  it('has every setting of the component, and its limit, in the operator’s page', () => {
    const page = read('docs/operating.md')
    for (const name of Object.keys(settings)) expect(page, name).to.contain(name)
    const numbers = [...page.matchAll(/^\| `limits\.[^|]*\| ([\d, ]+) \|/gm)]
      .flatMap(([, list]) => list!.split(', '))
      .map((number) => Number(number.replace(',', '')))
    const { perJid, perDomain, ...counts } = usualLimits
    expect(numbers).to.have.members([
      ...Object.values(counts),
      ...Object.values(perJid),
      ...Object.values(perDomain),
    ])
  })

  for (const page of ['README.md', 'docs/operating.md', 'docs/sharing.md']) {
    it(`links to nothing that is not there: ${page}`, () => {
      const folder = page.includes('/') ? 'docs' : '.'
      for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
        expect(existsSync(join(root, folder, target!)), target).to.equal(true)
      }
    })
  }
})
