import { createHash } from 'node:crypto'
import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose'

/** Opens a sealed cookie, as a host with the same secret does, and seals it again with other claims. */
export async function resealWith(
  cookie: string,
  secret: string,
  change: (claims: JWTPayload) => JWTPayload,
): Promise<string> {
  const [name, sealed] = cookie.split('=') as [string, string]
  const key = createHash('sha256').update(`anyhost session key\n${secret}`).digest()
  const { payload, protectedHeader } = await jwtDecrypt(sealed, key)
  return `${name}=${await new EncryptJWT(change(payload)).setProtectedHeader(protectedHeader).encrypt(key)}`
}

/** Makes a session end an hour ago. */
export function expire(claims: JWTPayload): JWTPayload {
  const hourAgo = Math.floor(Date.now() / 1000) - 60 * 60
  return { ...claims, iat: hourAgo - 60, exp: hourAgo }
}

/** Changes one letter in the middle of a cookie. */
export function tamper(cookie: string): string {
  const at = Math.floor(cookie.length / 2)
  return cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1)
}
