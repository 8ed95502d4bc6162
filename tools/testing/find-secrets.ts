import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What no line of a log may contain (security S35). */
const patterns: [what: string, pattern: RegExp][] = [
  ['a signature or a credential of a presigned URL', /x-amz-(signature|credential|security-token)["']?\s*[=:]/i],
  ['a signed request', /AWS4-HMAC-SHA256 Credential=/],
  // Base64 of `{"`: the start of tokens, of sealed cookies and of upload policies.
  ['a token, a cookie or a policy', /\beyJ[\w-]{16,}/],
  ['a cookie', /\b(set-)?cookie["']?\s*[=:]\s*["'[]*[\w-]+=\S/i],
  ['a session', /\b(session|account|id-token|sign-in-[\w-]+)=[\w.-]{20,}/],
  ['an authorization header', /\bauthorization["']?\s*[=:]\s*["']?\w+ \S/i],
  // The version of a package is no domain.
  ['an e-mail address', /[\w.+-]+(@|%40)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}\b/i],
  ['a code or a token of a sign-in', /[?&](code|state|nonce|access_token|id_token|id_token_hint)=[\w.~%+-]{8,}/],
]

/** Where a log has a secret. Does not contain the secret. */
interface Finding {
  /** From 1. */
  line: number
  what: string
}

/** Returns the lines of a log that contain secrets: of these values, by name, and of the forms above. */
export function findSecrets(text: string, known: Record<string, string>): Finding[] {
  const values = Object.entries(known)
  return text.split('\n').flatMap((content, at) => {
    const named = values.filter(([, value]) => content.includes(value)).map(([name]) => name)
    const formed = patterns.filter(([, pattern]) => pattern.test(content)).map(([what]) => what)
    return [...named, ...formed].map((what) => ({ line: at + 1, what }))
  })
}

/**
 * Searches the logs of a stack: hosts, balancer and store.
 * @param stateDirectory of the stack, which also has its secrets
 * @throws Error that names file and line of each secret
 */
export async function expectLogsWithoutSecrets(
  stateDirectory: string,
  others: Record<string, string> = {},
): Promise<void> {
  // A stack that did not start has neither.
  if (!existsSync(join(stateDirectory, 'logs'))) return
  const secrets = JSON.parse(await readFile(join(stateDirectory, 'secrets.json'), 'utf8'))
  const known = { ...secrets, ...others }
  const findings: string[] = []
  for (const file of await readdir(join(stateDirectory, 'logs'))) {
    const text = await readFile(join(stateDirectory, 'logs', file), 'utf8')
    findings.push(...findSecrets(text, known).map(({ line, what }) => `${file}, line ${line}: ${what}`))
  }
  if (findings.length > 0) throw new Error(`Logs in ${stateDirectory} contain secrets:\n${findings.join('\n')}`)
}
