import 'server-only'
import { errors, jwtVerify } from 'jose'
import { storeSeconds } from '@/lib/session/time'
import type { Identity } from '@/lib/session/user'
import { type ProxyClock, toIdentity, toleranceSeconds, type Verifier } from './identity'
import { createKeySet } from './key-set'

/** Signatures with a public and a private key. With HS256, anyone could sign with the public key as the secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** Returns the verifier of JWTs with this issuer and audience. */
export function createJwtVerifier(
  { issuer, audience, jwksUrl }: { issuer: string; audience: string; jwksUrl: string },
  { nowSeconds = storeSeconds, elapsedMs }: ProxyClock = {},
): Verifier {
  const { getKey, check } = createKeySet(jwksUrl, elapsedMs)

  async function verify(token: string): Promise<Identity | null> {
    try {
      const { payload } = await jwtVerify(token, getKey, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: toleranceSeconds,
        currentDate: new Date(nowSeconds() * 1000),
      })
      return toIdentity(issuer, payload)
    } catch (error) {
      if (error instanceof errors.JOSEError) return null
      throw error
    }
  }

  return { verify, check }
}
