import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** An OpenID Connect issuer on loopback that signs in any name, and signs whatever a test needs. */
export interface Issuer {
  url: string
  jwksUrl: string
  /** Signs an ID token. @param claims override the usual ones */
  sign(subject: string, claims?: JWTPayload): Promise<string>
  close(): Promise<void>
}

/** Starts an issuer for one client. Its sign-in page has one field: the name of the person. */
export async function startIssuer(port: number, clientId: string): Promise<Issuer> {
  const url = `http://localhost:${port}`
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const key = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }
  const codes = new Map<string, { name: string; nonce: string }>()

  const sign = (subject: string, claims: JWTPayload = {}) =>
    new SignJWT({
      iss: url,
      aud: clientId,
      sub: subject,
      name: subject,
      email: `${subject.toLowerCase()}@example.org`,
      iat: Math.floor(Date.now() / 1000),
      exp: Math.floor(Date.now() / 1000) + 3600,
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .sign(privateKey)

  const answers: Record<string, (request: IncomingMessage, query: URLSearchParams) => Promise<Answer>> = {
    '/.well-known/openid-configuration': async () => ({
      json: {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      },
    }),
    '/jwks': async () => ({ json: { keys: [key] } }),
    '/authorize': async (_, query) => {
      const name = query.get('name')
      if (!name) return { html: signInPage(query) }
      const code = randomUUID()
      codes.set(code, { name, nonce: query.get('nonce') ?? '' })
      const back = new URL(query.get('redirect_uri') ?? '')
      back.search = new URLSearchParams({ code, state: query.get('state') ?? '' }).toString()
      return { location: back.href }
    },
    '/token': async (request) => {
      const code = new URLSearchParams(await text(request)).get('code') ?? ''
      const signedIn = codes.get(code)
      codes.delete(code)
      if (!signedIn) return { status: 400, json: { error: 'invalid_grant' } }
      const idToken = await sign(signedIn.name, { nonce: signedIn.nonce })
      return { json: { access_token: randomUUID(), token_type: 'Bearer', expires_in: 3600, id_token: idToken } }
    },
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    const answer = answers[pathname]
    send(response, answer ? await answer(request, searchParams) : { status: 404, html: '' })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { url, jwksUrl: `${url}/jwks`, sign, close: () => closeServer(server) }
}

interface Answer {
  status?: number
  json?: unknown
  html?: string
  location?: string
}

function send(response: ServerResponse, { status = 200, json, html = '', location }: Answer): void {
  if (location) response.writeHead(302, { location }).end()
  else if (json) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  else response.writeHead(status, { 'content-type': 'text/html' }).end(html)
}

/** A form that repeats the request with a name. */
function signInPage(query: URLSearchParams): string {
  const quote = (value: string) => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  const hidden = [...query].map(([name, value]) => `<input type="hidden" name="${name}" value="${quote(value)}">`)
  return `<!doctype html><title>Sign in</title><link rel="icon" href="data:,"><form action="/authorize">${hidden.join('')}
    <label>Name <input name="name"></label> <button>Sign in</button></form>`
}

async function closeServer(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
