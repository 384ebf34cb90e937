/** What files are called: by words that are looked for, and by all that a name may have in it. */

/** Words that are looked for; each file has one of them in its name. */
export const words = Array.from({ length: 10 }, (_, at) => `wort${at}`)
/** The word of a saved search: files with it are new, and are left alone once they are there. */
export const rare = 'rarum'

/** What names end in, and what stands in their middle. */
export const endings = ['.mp3', '.jpg', '.txt', '', '.tar.gz', '.MP3', '.']
export const adornments = [
  '',
  '',
  '',
  ' é',
  ' e\u0301',
  ' ü ß',
  ' 日本語',
  ' & <b> \' "',
  ' \u{1f600}',
  '%20',
  ' a\u2028b',
  '\\',
  ' #?',
  '\ufffe',
  '\u0085',
  ' ﬁ',
  '\n',
  '\t',
  ' -',
  '  ',
  ' Ω',
  ' \u2126',
  ' I\u0307',
  '\u200d',
  ' \u202eabc',
]
