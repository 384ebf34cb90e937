/**
 * Makes words comparable: case, accents and compatibility forms folded away, the same for what is indexed and what is
 * asked for.
 *
 * What holds: only the marks that are accents of Latin, Greek and Cyrillic letters go; those that make another letter
 * (voiced kana, vowels of Indic scripts) stay. Folding twice is folding once.
 */

/** Letters that Unicode does not take apart, but people do. */
const alike: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ς: 'σ',
}
const alikeLetters = /[ßæœøđðþłħıς]/g
const accents = /[\u0300-\u036f]/g
const plain = /^[\x00-\x7f]*$/

/** `text` without case, accents and compatibility forms. */
export function fold(text: string): string {
  if (plain.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(accents, '')
    .replace(alikeLetters, (letter) => alike[letter]!)
    .normalize('NFC')
}
