/** An account written straight into Prosody's own files, thirty times quicker than prosodyctl does it. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/** An account as `storage = "internal"` with `internal_hashed` keeps it. */
export function storedAccount(password: string, iterations: number): string {
  const salt = randomBytes(16).toString('hex')
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 20, 'sha1')
  const hmac = (text: string) => createHmac('sha1', salted).update(text).digest()
  const storedKey = createHash('sha1').update(hmac('Client Key')).digest('hex')
  return `return {
	["server_key"] = "${hmac('Server Key').toString('hex')}";
	["stored_key"] = "${storedKey}";
	["iteration_count"] = ${iterations};
	["salt"] = "${salt}";
};
`
}

/** A roster with these contacts, bare JIDs, subscribed both ways. */
export function storedRoster(contacts: readonly string[]): string {
  const items = contacts.map((jid) => `\t["${jid}"] = { ["subscription"] = "both"; ["groups"] = {}; };\n`)
  return `return {\n\t[false] = { ["version"] = 1; };\n${items.join('')}};\n`
}

/** Prosody names files by percent-encoding everything but ASCII letters and digits. */
export function storedName(name: string): string {
  return [...Buffer.from(name)]
    .map((byte) => {
      const sign = String.fromCharCode(byte)
      return /[A-Za-z0-9]/.test(sign) ? sign : `%${byte.toString(16).padStart(2, '0')}`
    })
    .join('')
}
