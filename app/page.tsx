import { Welcome } from '@/components/layout/welcome'
import { env } from '@/lib/env'
import { defaultCollection } from '@/lib/images/collections'
import { PageShell } from './_shell/page-shell'
import { Picker } from './_shell/picker'

/** The first page, which is the picker. */
export default function StartPage() {
  return (
    <PageShell>
      <Welcome picker={<Picker collection={defaultCollection} />} guests={env().authMode === 'guest'} />
    </PageShell>
  )
}
