/** The second act of the demo: mephisto shares a folder, faust looks for something in it, and gets it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../cli/words.js'
import { startCommand } from './child-command.js'
import type { Stage } from './demo-stage.js'
import type { Playground } from './playground.js'

const songs = [
  ['Gounod', 'Le veau d’or.txt', 'Le veau d’or est toujours debout'],
  ['Gounod', 'Ballade des Königs in Thule.txt', 'Il était un roi de Thulé'],
  ['Schubert', 'Der König in Thule.txt', 'Es war ein König in Thule'],
  ['Schubert', 'Gretchen am Spinnrade.txt', 'Meine Ruh ist hin'],
] as const

const folderOf = ({ prosody }: Playground) => join(prosody.dir, 'Songs')

/** Some time before they are shared: what was written within the last second might change once more, so it is not hashed yet. */
export function writeSongs(playground: Playground): void {
  for (const [composer, name, text] of songs) {
    const folder = join(folderOf(playground), composer)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** Mephisto's jabberfs runs already: his `share` goes through it. */
export async function showSharing(playground: Playground, stage: Stage): Promise<void> {
  const { faust, mephisto, prosody } = playground
  const folder = folderOf(playground)
  const envOf = (config: string) => ({ env: { JABBERFS_CONFIG: config }, cwd: prosody.dir })

  stage.chapter('mephisto shares a folder')
  await play(stage, ['share', folder, '--tag', 'songs'], envOf(mephisto.config))

  stage.chapter('faust looks for a song, and gets the first that is found')
  await play(stage, ['search', 'konig', 'thule', '--tag', 'songs', '--online'], envOf(faust.config))
  stage.note('   $ jabberfs get 1')
  const getting = startCommand(['--json', 'get', '1'], envOf(faust.config))
  const { path } = (await getting.until(({ report }) => report === 'finished')) as Extract<
    Report,
    { report: 'finished' }
  >
  await getting.ended
  stage.note(`   it reads: ${readFileSync(path, 'utf8')}`)
}

/** Runs a command as a person would, and shows what it says. */
async function play(
  stage: Stage,
  args: string[],
  options: Parameters<typeof startCommand>[1],
): Promise<void> {
  stage.note(`   $ jabberfs ${args.map((word) => word.replace(/^\/.*\//, '')).join(' ')}`)
  const command = startCommand(args, options)
  const { code } = await command.ended
  const said = command.output().trimEnd()
  if (code !== 0) throw new Error(`jabberfs ${args[0]} ended with ${code}: ${said}`)
  stage.note(said.replace(/^/gm, '   '))
}
