import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair } from 'jose'
import Provider, { type Configuration, errors } from 'oidc-provider'
import { createMemoryAdapters } from './memory-adapter'
import { errorPage, signedOutPage, signInPage, signOutPage, unknownSignInPage } from './pages'
import { allowedDomain, findAccount, people } from './people'

/** A running provider. */
export interface IdentityProvider {
  issuer: string
  /** Stops listening, as if the provider were down. Keeps sessions and keys. */
  close(): Promise<void>
  /** Listens again after `close`. */
  open(): Promise<void>
}

/** The one client of the provider. Its secret is public: the provider asks for no password either. */
export const client = { id: 'anyhost', secret: 'anyhost-development' }

/**
 * Starts an OpenID Connect provider on 127.0.0.1, for development and tests: a certified implementation (npm
 * `oidc-provider`) with a page that signs in one of a few people. Its state is in memory.
 * @param options.appOrigin the site that people sign in at
 * @throws Error with `code` EADDRINUSE if the port is taken
 */
export async function startIdentityProvider(options: { port: number; appOrigin: string }): Promise<IdentityProvider> {
  const { port, appOrigin } = options
  const issuer = `http://localhost:${port}`
  const provider = new Provider(issuer, await configure(appOrigin))
  addSignIn(provider, appOrigin)
  let server: Server | undefined

  async function open(): Promise<void> {
    // Longer than clients keep idle connections.
    server = createServer({ keepAliveTimeout: 65_000 }, provider.callback())
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }

  await open()
  return {
    issuer,
    open,
    async close() {
      if (!server?.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function configure(appOrigin: string): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return {
    adapter: createMemoryAdapters(),
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`${appOrigin}/sign-in/callback`],
        post_logout_redirect_uris: [`${appOrigin}/`],
      },
    ],
    claims: {
      openid: ['sub'],
      profile: ['name', 'locale', 'groups'],
      email: ['email', 'email_verified'],
    },
    cookies: { keys: [crypto.randomUUID()] },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'development' }] },
    pkce: { required: () => true },
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 60,
      Grant: 14 * 24 * 3600,
      IdToken: 3600,
      Interaction: 3600,
      Session: 14 * 24 * 3600,
    },
    interactions: { url: (_, { uid }) => interactionPath(uid) },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        logoutSource: (ctx, form) => {
          ctx.body = signOutPage(form)
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = signedOutPage(appOrigin)
        },
      },
    },
    async findAccount(_, sub) {
      const account = findAccount(sub)
      return account && { accountId: sub, claims: async () => ({ ...account }) }
    },
    // Consents for the person: there is only one client.
    async loadExistingGrant({ oidc: { provider, client, session } }) {
      const grant = new provider.Grant({ clientId: client?.clientId, accountId: session?.accountId })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
    renderError: (ctx, { error, error_description }) => {
      ctx.type = 'html'
      ctx.body = errorPage(error, error_description, appOrigin)
    },
  }
}

const interactionPath = (uid: string) => `/who/${uid}`

/** Serves the page that asks who signs in, and takes its answer. */
function addSignIn(provider: Provider, appOrigin: string): void {
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith(interactionPath(''))) return next()
    try {
      await provider.interactionDetails(ctx.req, ctx.res)
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error
      ctx.status = 400
      ctx.body = unknownSignInPage(appOrigin)
      return
    }
    if (ctx.method !== 'POST') {
      ctx.set('cache-control', 'no-store')
      ctx.body = signInPage(ctx.path, people)
      return
    }
    const accountId = new URLSearchParams(await text(ctx.req)).get('person') ?? ''
    const result = findAccount(accountId)
      ? { login: { accountId } }
      : { error: 'access_denied', error_description: 'The person cancelled.' }
    ctx.status = 303
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result))
  })
}

/** Returns the variables of hosts (lib/env.ts) that sign people in at this provider. */
export function identityProviderVariables(issuer: string): Record<string, string> {
  return {
    AUTH_MODE: 'oidc',
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: client.id,
    OIDC_CLIENT_SECRET: client.secret,
    OIDC_ALLOWED_DOMAINS: allowedDomain,
  }
}
