import 'server-only'
import { createHash } from 'node:crypto'
import { decodeProtectedHeader, EncryptJWT, errors, jwtDecrypt } from 'jose'
import { env } from '@/lib/env'
import { storeSeconds } from './time'

/**
 * Encrypts and authenticates a small value that the browser carries (JWE, A256GCM). Every host with the same secrets
 * can open it, for the same audience only (security S11). The newest secret seals and all of them open, so that secrets
 * can be rotated without signing anyone out (S31). Times are the store's, since hosts' clocks may differ.
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
    .setIssuedAt(storeSeconds())
    .setExpirationTime(storeSeconds() + expiresInSeconds)
    .encrypt(await keyOf(secret))
}

/** Returns the claims of a sealed value, or null if it was changed, has expired, or has another audience. */
export async function unseal(audience: string, sealed: string): Promise<Record<string, unknown> | null> {
  try {
    const { payload } = await jwtDecrypt(sealed, ({ kid }) => keyOf(secretOf(kid)), {
      audience,
      currentDate: new Date(storeSeconds() * 1000),
      clockTolerance: 60,
      // The header must not choose the algorithm: anyone who knows a key id can write one.
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}

/** Whether a valid sealed value uses the newest secret, and so still opens after the older ones are removed. */
export function isSealedWithNewestSecret(sealed: string): boolean {
  return decodeProtectedHeader(sealed).kid === keyId(env().sessionSecrets[0] as string)
}

function secretOf(kid: string | undefined): string {
  const secret = env().sessionSecrets.find((candidate) => keyId(candidate) === kid)
  if (!secret) throw new errors.JWEDecryptionFailed('sealed with a secret that this host does not have')
  return secret
}

/** Cache: every request of a signed-in person needs a key. */
const keysBySecret = new Map<string, Promise<CryptoKey>>()

function keyOf(secret: string): Promise<CryptoKey> {
  const cached = keysBySecret.get(secret)
  if (cached) return cached
  const bytes = createHash('sha256').update(`anyhost session key\n${secret}`).digest()
  const key = crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
  keysBySecret.set(secret, key)
  return key
}

/** Identifies a secret without revealing it. */
const keyId = (secret: string) => createHash('sha256').update(`anyhost key id\n${secret}`).digest('hex').slice(0, 8)
