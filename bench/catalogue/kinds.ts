/** The kinds of query, the same for everybody who is asked. */

import type { Query } from '../../component/catalogue/values.js'
import { type Names, randomFrom } from './names.js'
import { type Plan, shareOf } from './plan.js'

/** How many times as often as the others it is asked: by a hundred answers of a fifth of a millisecond each the 99th percentile is chance. */
export const timesAsOften = (kind: string) => (kind === 'nothing found' ? 10 : 1)

/** Kinds of search, each as a maker of the next query. A common word is in about a tenth of the names. */
export function kindsOf(names: Names, { seed, peers }: Plan): Record<string, () => Query> {
  const random = randomFrom(seed)
  const up = (to: number) => Math.floor(random() * to)
  const common = () => names.word(up(3))
  return {
    'nothing found': () => ({ words: `nowhere${up(1e6)}` }),
    'rare word': () => ({ words: names.word(20_000 + up(100_000)) }),
    'common word': () => ({ words: common() }),
    'two words': () => ({ words: `${names.word(up(5))} ${names.word(5 + up(50))}` }),
    'three words': () => ({
      words: `${names.word(up(5))} ${names.word(5 + up(50))} ${names.word(50 + up(500))}`,
    }),
    'prefix of 3': () => ({ words: `${names.word(up(2_000)).slice(0, 3)}*` }),
    'prefix of 5': () => ({ words: `${names.word(3_000 + up(50_000)).slice(0, 5)}*` }),
    'part of 4': () => ({ words: `*${names.word(3_000 + up(50_000)).slice(1, 5)}` }),
    'common, size': () => ({ words: common(), minSize: 1e8 }),
    'common, type': () => ({ words: common(), types: ['video'] }),
    'common, tag': () => ({ words: common(), tags: ['tenth'] }),
    'common, online': () => ({ words: common(), online: true }),
    'common, no size': () => ({ words: common(), minSize: 2 ** 43 }),
    type: () => ({ types: ['video'] }),
    'type, no size': () => ({ types: ['video'], minSize: 2 ** 43 }),
    'common, peer': () => ({ words: names.word(0), peer: shareOf(up(peers)).peer }),
  }
}
