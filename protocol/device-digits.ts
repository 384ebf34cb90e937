/**
 * Digits by which two people compare devices aloud (docs/protocol.md, "Trust on first use").
 *
 * A device id is a SHA-256 already, so nothing is hashed again: 32 decimal digits of it are 106 bits, and who wants to show
 * another device with the same digits has to try some 2^106 certificates. Each device has its own half, and the halves are
 * put in order: so both people see the same, and one cannot be played against the other, as where both devices are hashed
 * together and a pair that collides is worth half the work.
 */

/** Digits of one device. */
const digitsOfDevice = 32
const groupDigits = 4

/** @param device 64 lower hex digits @returns eight groups of four digits */
export function deviceDigits(device: string): string {
  const digits = (BigInt(`0x${device}`) % 10n ** BigInt(digitsOfDevice)).toString()
  return digits.padStart(digitsOfDevice, '0').replace(new RegExp(`\\d{${groupDigits}}(?=\\d)`, 'g'), '$& ')
}

/** What two people compare: two lines, the same at both sides whoever asks. */
export function pairDigits(one: string, other: string): [string, string] {
  const [first, second] = [deviceDigits(one), deviceDigits(other)].sort()
  return [first!, second!]
}
