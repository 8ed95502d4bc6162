/** Encodes bytes as lower-case base32hex (RFC 4648 §7): 0-9, then a-v. Texts sort like their bytes, in S3 too. */
export function toBase32(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return BigInt(`0x${hex}`)
    .toString(32)
    .padStart(Math.ceil((bytes.length * 8) / 5), '0')
}
