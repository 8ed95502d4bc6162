import { Welcome } from '@/components/layout/welcome'
import { PageShell } from './_shell/page-shell'

export default function StartPage() {
  return (
    <PageShell>
      <Welcome />
    </PageShell>
  )
}
