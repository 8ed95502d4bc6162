import { setTimeout as sleep } from 'node:timers/promises'
import { ApiClient } from '@/tools/testing/api-client'
import { chooseAtProvider } from '@/tools/testing/sign-in'
import type { Choices } from './choices'
import { Stuck, sendWithRetries, stuckAfterMs } from './client'
import type { Credentials } from './credentials'
import type { World } from './session'

/** How the people of a run get a session: as guests, or at the development provider. */
export const signIns = ['guest', 'oidc'] as const
export type SignIn = (typeof signIns)[number]

/** Problems of a sign-in that another try solves. Faults cause no others. */
const temporary = ['internal', 'provider', 'failed']

/**
 * Signs a person in at the provider. After a failure they press "Try again", as the page offers.
 * @param subject the `sub` of the account
 * @throws Stuck after another failure, or after `stuckAfterMs`
 */
export async function signInAtProvider(world: World, choices: Choices, subject: string): Promise<Credentials> {
  const startedAt = performance.now()
  let mayEnd = false
  for (;;) {
    const client = ApiClient.create({ origin: world.origin })
    const open = async (path: string) => {
      const request = client.toRequest('GET', path)
      const { headers, status, lost } = await sendWithRetries('sign in', request, choices, world.tally)
      client.keepCookies(headers)
      if (!headers.location) throw new Stuck(`sign in: ${path.split('?')[0]} answers ${status} without a redirect`)
      return { next: new URL(headers.location, world.origin), lost }
    }
    let { next } = await open('/sign-in/start?to=/gallery')
    if (next.origin !== world.origin) {
      const callback = await chooseAtProvider(next.href, subject)
      const finished = await open(callback.pathname + callback.search)
      next = finished.next
      if (finished.lost > 0) mayEnd = true
    }
    if (next.pathname === '/gallery') return { cookie: client.cookie, subject, mayEnd, ended: [] }
    const problem = next.searchParams.get('problem') ?? next.pathname
    // The balancer repeats a callback if a host dies, and a code is valid once.
    mayEnd = true
    world.tally.retry(`sign-in ${problem}`)
    if (!temporary.includes(problem)) throw new Stuck(`sign in ended with ${problem}`)
    if (performance.now() - startedAt > stuckAfterMs) throw new Stuck(`sign in still ends with ${problem}`)
    await sleep(1_000)
  }
}
