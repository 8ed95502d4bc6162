import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { PageShell } from '@/app/_shell/page-shell'
import { SignInWall } from '@/app/_shell/sign-in-wall'
import { SignInProblem } from '@/components/layout/sign-in-problem'
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
  const { problem: wanted, to } = await searchParams
  const problem = [...signInProblems, 'internal' as const].find((known) => known === wanted)
  const user = await currentUser()
  if (!user && !problem) return <SignInWall />
  const again = new URLSearchParams({ to: returnPath(typeof to === 'string' ? to : null) })
  return (
    <PageShell>
      {problem && !user ? (
        <SignInProblem
          problem={problem}
          href={`/sign-in/start?${again}`}
          otherAccountHref={`/sign-in/start?${again}&account=other`}
          helpUrl={env().site.helpUrl}
        />
      ) : (
        // A failed login does not end the session before it.
        <SignedIn />
      )}
    </PageShell>
  )
}
