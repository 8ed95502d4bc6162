import 'server-only'
import { cookies } from 'next/headers'
import { z } from 'zod'
import {
  clearCookie,
  cookieName,
  openSealed,
  readCookie,
  type SealedCookie,
  writeCookie,
} from '@/lib/session/sealed-cookie'

/** A login between its start and the return from the provider. Only the browser keeps it, so any host can finish it. */
const Login = z.object({
  state: z.string(),
  nonce: z.string(),
  /** The secret of PKCE (RFC 7636). */
  verifier: z.string(),
  /** The path to go to afterwards. */
  to: z.string(),
  iat: z.number().optional(),
})
export type Login = z.infer<typeof Login>

/** How long a person may take at the provider. */
const lifeSeconds = 15 * 60
/** Each tab may have its own login. More would make the request headers too long. */
const maxLogins = 5

const prefix = 'sign-in-'
const cookieOf = (state: string) =>
  ({ name: prefix + state.slice(0, 8), claims: Login }) satisfies SealedCookie<z.ZodType>

/** Keeps a login in the browser. The oldest ones make room for it. */
export async function keepLogin(login: Login): Promise<void> {
  const known = await listLogins()
  for (const { state } of known.slice(0, Math.max(0, known.length + 1 - maxLogins))) await forgetLogin(state)
  await writeCookie(cookieOf(login.state), login, lifeSeconds)
}

/** Returns the login that a state belongs to; null if it began in another browser, or too long ago. */
export async function findLogin(state: string): Promise<Login | null> {
  const login = await readCookie(cookieOf(state))
  return login?.state === state ? login : null
}

/** A login counts once. */
export async function forgetLogin(state: string): Promise<void> {
  await clearCookie(cookieOf(state))
}

/** Returns the logins of this browser, oldest first. */
async function listLogins(): Promise<Login[]> {
  const jar = (await cookies()).getAll()
  const own = jar.filter(({ name }) => name.startsWith(cookieName({ name: prefix })))
  const opened = await Promise.all(
    own.map(({ name, value }) => openSealed(cookieOf(name.slice(cookieName({ name: prefix }).length)), value)),
  )
  return opened.filter((login) => login !== null).sort((a, b) => (a.iat ?? 0) - (b.iat ?? 0))
}
