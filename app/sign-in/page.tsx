import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { PageShell } from '@/app/_shell/page-shell'
import { SignInProblem } from '@/components/layout/sign-in-problem'
import { SignInScreen } from '@/components/layout/sign-in-screen'
import { SignedIn } from '@/components/layout/signed-in'
import { env } from '@/lib/env'
import { currentUser } from '@/lib/session/current-user'
import { signInProblems } from '@/lib/session/oidc/failures'
import { returnPath } from '@/lib/session/return-path'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('session'))('title') }
}

/** Where a failed sign-in ends, and one that was started in another tab. */
export default async function SignInPage({ searchParams }: PageProps<'/sign-in'>) {
  if (env().authMode === 'guest') redirect('/')
  const { problem, to } = await searchParams
  return <PageShell>{await content(problem, to)}</PageShell>
}

type Param = string | string[] | undefined

async function content(wanted: Param, to: Param) {
  const problem = [...signInProblems, 'internal' as const].find((known) => known === wanted)
  // A failed login does not end the session before it.
  if (await currentUser()) return <SignedIn />
  if (!problem) return <SignInScreen />
  const again = new URLSearchParams({ to: returnPath(typeof to === 'string' ? to : null) })
  return (
    <SignInProblem
      problem={problem}
      href={`/sign-in/start?${again}`}
      otherAccountHref={`/sign-in/start?${again}&account=other`}
      helpUrl={env().site.helpUrl}
    />
  )
}
