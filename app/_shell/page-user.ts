import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { env } from '@/lib/env'
import { currentUser } from '@/lib/session/current-user'
import type { User } from '@/lib/session/user'

/**
 * Returns the user of a page that shows a person's own photos. Where people have accounts, leads signed-out ones to the
 * sign-in, which leads back here. Null for a visitor whom the first upload makes a guest.
 */
export async function pageUser(): Promise<User | null> {
  const user = await currentUser()
  if (user || env().authMode === 'guest') return user
  const address = (await headers()).get('x-address') ?? '/'
  redirect(`/sign-in?${new URLSearchParams({ to: withoutRouterParam(address) })}`)
}

/** Next's router adds a parameter to the addresses that it requests. */
function withoutRouterParam(address: string): string {
  const url = new URL(address, env().appOrigin)
  url.searchParams.delete('_rsc')
  return url.pathname + url.search
}
