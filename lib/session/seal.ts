import 'server-only'
import { createHash } from 'node:crypto'
import { decodeProtectedHeader, EncryptJWT, errors, jwtDecrypt } from 'jose'
import { env } from '@/lib/env'

/**
 * Seals small values that travel through the browser: encrypted and authenticated (JWE, A256GCM), so any host
 * with the same secrets opens them. What is sealed for one purpose (audience) opens for no other (security S11).
 * The newest secret seals, all open, so that secrets can be rotated without signing anyone out (S31).
 */
export async function seal(
  audience: string,
  claims: Record<string, unknown>,
  expiresInSeconds: number,
): Promise<string> {
  const secret = env().sessionSecrets[0] as string
  return new EncryptJWT(claims)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: keyId(secret) })
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + expiresInSeconds)
    .encrypt(await keyOf(secret))
}

/** The claims of a sealed value, or null when it was tampered with, has expired, or was sealed for another purpose. */
export async function unseal(audience: string, sealed: string): Promise<Record<string, unknown> | null> {
  try {
    const { payload } = await jwtDecrypt(sealed, ({ kid }) => keyOf(secretOf(kid)), {
      audience,
      clockTolerance: 60,
      // The header must not choose: anyone can write one with a key id they know.
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}

/** Whether a value that opens was sealed with the newest secret: it opens still when the older ones are gone. */
export function isSealedAnew(sealed: string): boolean {
  return decodeProtectedHeader(sealed).kid === keyId(env().sessionSecrets[0] as string)
}

function secretOf(kid: string | undefined): string {
  const secret = env().sessionSecrets.find((candidate) => keyId(candidate) === kid)
  if (!secret) throw new errors.JWEDecryptionFailed('sealed with a secret that is not known here')
  return secret
}

/** Made once for each secret: every request that somebody signed in makes needs it. */
const keysBySecret = new Map<string, Promise<CryptoKey>>()

function keyOf(secret: string): Promise<CryptoKey> {
  const made = keysBySecret.get(secret)
  if (made) return made
  const bytes = createHash('sha256').update(`anyhost session key\n${secret}`).digest()
  const key = crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
  keysBySecret.set(secret, key)
  return key
}

/** Names a secret without telling it. */
const keyId = (secret: string) => createHash('sha256').update(`anyhost key id\n${secret}`).digest('hex').slice(0, 8)
