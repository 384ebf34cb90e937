/** What a search, once or saved, may say: words and filters, made into one query. */
import { type Command, Option } from 'commander'
import type { SearchQuery } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'
import { checkPeer } from './command-line.js'
import { collect } from './options.js'
import { parseSizeRange } from './size-range.js'
import { readTags } from './tag.js'

export interface FilterOptions {
  size?: string
  type?: string[]
  tag?: string[]
  hash?: string
  peer?: string
  online?: boolean
}

/** What a type without a `/` may be: the first part of every media type there is (RFC 6838, RFC 8081, RFC 9695). */
const typeNames = /^(application|audio|example|font|haptics|image|message|model|multipart|text|video)$/i

/** Of the words of a search (docs/catalogue.md, "Limits"). */
const mostCharacters = 200

/** Adds `--size`, `--type`, `--tag`, `--hash`, `--peer`, `--online`. */
export function addFilters(command: Command): Command {
  return command
    .addOption(new Option('--size <range>', "10M.. (and more), ..1G (and less), 10M..1G, '>10M', '<1G'"))
    .addOption(
      new Option(
        '--type <type>',
        'image, audio, video, text, or image/png (again for more: any of them)',
      ).argParser(collect),
    )
    .addOption(new Option('--tag <tag>', 'with this tag (again for more: all of them)').argParser(collect))
    .option('--hash <hash>', 'this very content: 64 hex digits, as --json shows it')
    .option('--peer <jid>', 'only what this person shares')
    .option('--online', 'only what somebody has who is online')
}

/** @returns undefined where nothing was said at all. @throws CommandFailed `usage` */
export function readQuery(words: string[], options: FilterOptions): SearchQuery | undefined {
  const { size, type = [], tag = [], hash, peer, online } = options
  const text = words.join(' ').trim()
  if (peer !== undefined) checkPeer(peer, '--peer takes a person')
  const root = hash === undefined ? undefined : readRoot(hash)
  if (hash !== undefined && root === undefined) {
    throw new CommandFailed(
      'usage',
      `--hash: “${hash}” is no hash.`,
      'It has 64 hex digits, as --json shows it.',
    )
  }
  const wrongType = type.find((each) => !typeNames.test(each) && !/^[\w.+-]+\/[\w.+-]+$/.test(each))
  if (wrongType !== undefined) {
    throw new CommandFailed(
      'usage',
      `--type: “${wrongType}” is no type.`,
      'Write image, audio, video, text, or image/png.',
    )
  }
  if ([...text].length > mostCharacters) {
    throw new CommandFailed('usage', `Words have at most ${mostCharacters} characters.`, 'Leave some out.')
  }
  const query: SearchQuery = {
    ...(text === '' ? {} : { words: text }),
    ...(size === undefined ? {} : parseSizeRange(size)),
    ...(type.length > 0 ? { types: type.map((each) => each.toLowerCase()) } : {}),
    ...(tag.length > 0 ? { tags: readTags(tag) } : {}),
    ...(root === undefined ? {} : { root }),
    ...(peer === undefined ? {} : { peer: peer.replace(/\/.*/s, '') }),
    ...(online ? { online: true } : {}),
  }
  if (Object.keys(query).length === 0) return undefined
  const { minSize: _min, maxSize: _max, online: _online, ...tells } = query
  if (Object.keys(tells).length === 0) {
    throw new CommandFailed(
      'usage',
      'A size, or --online, alone is no search.',
      'Add a word, a type or a tag.',
    )
  }
  return query
}

/** A content's hash as it is written here. @returns it in lower case, undefined where it is none. */
export function readRoot(text: string): string | undefined {
  return /^[0-9a-f]{64}$/i.test(text) ? text.toLowerCase() : undefined
}
