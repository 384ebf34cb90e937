/** Reports about shares and saved searches, as sentences. What a stranger wrote goes through showable(). */
import type { SearchQuery, VisibleTo } from '../../client-plugin/index.js'
import type { CatalogueReport, ShareLook } from '../catalogue-words.js'
import { showable } from '../showable.js'
import { bytesText, countText, durationText, rateText } from '../units.js'
import type { Report } from '../words.js'
import { plainPaper } from './cells.js'
import { hitText, isListed, listEnd, tableRow } from './tables.js'

const whyLeftOut: Record<Extract<CatalogueReport, { report: 'left-out' }>['why'], string> = {
  unreadable: 'cannot be read',
  'link-leaves-folder': 'is a link that leaves the folder',
  'not-a-file': 'is no ordinary file',
  name: 'has a name that cannot be told, or too long a path',
  'too-large': 'is too large',
  quota: 'is beyond what the component takes',
}

/** `everybody`, `nobody`, `goethe.example, gretchen@markt.example`. */
function visibleText(visibleTo: VisibleTo): string {
  if (visibleTo.kind !== 'only') return visibleTo.kind
  return [...visibleTo.domains, ...visibleTo.peers].join(', ')
}

/** How a share comes on, or how it stands. */
function shareStateText(look: ShareLook): string {
  const { state, files, hashedBytes, toHashBytes, bytesPerSecond, secondsLeft, publishedFiles, trouble } =
    look
  switch (state) {
    case 'scanning':
      return `looks through the folder, ${countText(files, 'file')} so far`
    case 'hashing': {
      const share = toHashBytes === 0 ? 100 : Math.floor((100 * hashedBytes) / toHashBytes)
      const pace =
        bytesPerSecond > 0 ? `, ${rateText(bytesPerSecond)}, ${durationText(secondsLeft)} left` : ''
      return `reads what is new: ${share} % of ${bytesText(toHashBytes)}${pace}`
    }
    case 'publishing':
      // What is to be taken back, or told anew, counts as told.
      if (publishedFiles >= files) return 'publishes what has changed'
      return `publishes: ${countText(publishedFiles)} of ${countText(files, 'file')}`
    case 'current':
      return 'found by others'
    case 'waiting':
      if (trouble) return `waits: ${showable(trouble.says, 300)}`
      return publishedFiles > 0 ? 'waits; what was told before is found by others' : 'waits'
    case 'unreadable':
      return 'the folder is not there or cannot be read (an unplugged disk?): nothing is taken back, and it goes on when it is there again'
  }
}

/** `Music: 1,205 files, 48.2 MB` */
const sizeText = ({ name, files, bytes }: ShareLook): string =>
  `${showable(name, 80)}: ${countText(files, 'file')}, ${bytesText(bytes)}`

function shareText(look: ShareLook): string {
  const { folder, visibleTo, tags, leftOutFiles, id } = look
  const rest = [
    shareStateText(look),
    `for ${showable(visibleText(visibleTo))}`,
    ...(tags.length > 0 ? [tags.map((tag) => `#${showable(tag, 40)}`).join(' ')] : []),
    ...(leftOutFiles > 0 ? [`${countText(leftOutFiles)} left out (--left-out names them)`] : []),
  ]
  return `${sizeText(look)}\n  ${showable(folder, 400)}\n  ${rest.join(', ')}\n  id ${showable(id, 80)}`
}

const lookedAfter = {
  this: 'it is watched, and who asks for a file is answered, until Ctrl-C (`jabberfs serve` does so for all shares)',
  other: 'the jabberfs that runs already looks after it, as long as it runs',
  nobody: 'nobody looks after it now: `jabberfs serve` does',
}

/** A search as one would type it. */
function queryText({ words, minSize, maxSize, types, tags, root, peer, online }: SearchQuery): string {
  const parts = [
    ...(words === undefined ? [] : [showable(words)]),
    ...(minSize === undefined && maxSize === undefined ? [] : [`--size ${minSize ?? ''}..${maxSize ?? ''}`]),
    ...(types ?? []).map((type) => `--type ${showable(type, 80)}`),
    ...(tags ?? []).map((tag) => `--tag ${showable(tag, 40)}`),
    ...(root === undefined ? [] : [`--hash ${showable(root, 64)}`]),
    ...(peer === undefined ? [] : [`--peer ${showable(peer, 80)}`]),
    ...(online ? ['--online'] : []),
  ]
  return parts.join(' ')
}

/** A line, or some; undefined for what is not of the catalogue, or only a bar shows. */
export function catalogueSentence(report: Report): string | undefined {
  if (isListed(report)) return tableRow(report, plainPaper)
  switch (report.report) {
    case 'share':
      return shareText(report)
    case 'sharing':
      return `${showable(report.name, 80)}: ${shareStateText(report)}`
    case 'shared':
      return `${sizeText(report)}: found by ${showable(visibleText(report.visibleTo))}`
    case 'left-out':
      return `  left out: ${showable(report.path)} ${whyLeftOut[report.why]}`
    case 'left-out-more':
      return `  left out: ${countText(report.files, 'more file')} (\`jabberfs shares --left-out\` names them)`
    case 'unshared':
      return `${showable(report.share)} is shared no longer`
    case 'no-shares':
      return 'nothing is shared (`jabberfs share DIR`)'
    case 'looked-after':
      return lookedAfter[report.by]
    case 'serving': {
      const into =
        report.into === undefined ? '' : `; what is accepted goes into ${showable(report.into, 400)}`
      return `serving ${countText(report.shares, 'share')}${into}`
    }
    case 'page':
      return listEnd(report)
    case 'watch':
      return `${showable(report.id, 80)}  ${queryText(report.query)}`
    case 'no-watches':
      return 'no search is saved (`jabberfs watch WORDS…`)'
    case 'watching':
      return report.saved
        ? `saved as ${showable(report.ids.join(', '), 80)}; tells what is new (Ctrl-C ends, it stays saved; --remove forgets it)`
        : `tells what is new for ${showable(report.ids.join(', '), 400)} (Ctrl-C ends; \`jabberfs watch --list\` shows them)`
    case 'unwatched':
      return `${showable(report.id, 80)} is forgotten`
    case 'matched': {
      const lines = report.hits.map((hit) => `${showable(report.id, 80)}: ${hitText(hit)}`)
      return [
        ...lines,
        ...(report.more > 0 ? [`${showable(report.id, 80)}: and ${countText(report.more)} more`] : []),
      ].join('\n')
    }
    default:
      return undefined
  }
}
