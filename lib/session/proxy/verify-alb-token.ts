import 'server-only'
import { type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { storeSeconds } from '@/lib/session/time'
import type { Identity } from '@/lib/session/user'
import { albKeyBase, createAlbKeys } from './alb-keys'
import { type ProxyClock, toIdentity, toleranceSeconds, type Verifier } from './identity'

const absentKey = '00000000-0000-0000-0000-000000000000'
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** Three parts in base64url. AWS pads them with `=`, which the JWT standard forbids. */
const form = /^([\w-]+={0,2})\.([\w-]+={0,2})\.([\w-]+={0,2})$/

/**
 * Returns the verifier of `x-amzn-oidc-data`, the tokens of an AWS Application Load Balancer. jose rejects their padding,
 * and their issuer and expiry are in the header of the token.
 */
export function createAlbVerifier(
  arn: string,
  { nowSeconds = storeSeconds, elapsedMs }: ProxyClock = {},
  keyBase = albKeyBase(arn),
): Verifier {
  const findKey = createAlbKeys(keyBase, elapsedMs)
  const Header = z.object({
    alg: z.literal('ES256'),
    // It becomes part of a URL.
    kid: z.string().regex(uuid),
    // Load balancers of all AWS customers sign with the same keys.
    signer: z.literal(arn),
    iss: z.string().min(1),
    exp: z.number().refine((seconds) => nowSeconds() < seconds + toleranceSeconds),
  })

  async function verify(token: string): Promise<Identity | null> {
    const [, head, payload, signature] = form.exec(token) ?? []
    if (!head || !payload || !signature) return null
    const header = Header.safeParse(parsePart(head))
    if (!header.success) return null
    const key = await findKey(header.data.kid)
    if (!key || !isSigned(`${head}.${payload}`, signature, key)) return null
    return toIdentity(header.data.iss, parsePart(payload))
  }

  return {
    verify,
    async check() {
      // No list of the keys exists. AWS answers that it has no such key.
      await findKey(absentKey)
    },
  }
}

/** Verifies ES256: ECDSA on P-256 with SHA-256, over the text as sent. */
function isSigned(signedText: string, signature: string, key: KeyObject): boolean {
  return verify(
    'sha256',
    Buffer.from(signedText),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
}

function parsePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return undefined
  }
}
