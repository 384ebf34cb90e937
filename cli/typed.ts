/** A word as it is typed in a shell: what has a space or a sign of the shell in it stands between quotes. */
export function typed(word: string): string {
  return /^[\p{L}\p{N}@%+=:,./_-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
