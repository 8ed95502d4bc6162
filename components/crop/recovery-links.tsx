import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { pagePath } from '@/components/collection'
import { buttonLook } from '@/components/ui/button'
import type { ShownCode } from '@/lib/browser/attempt'
import type { Collection } from '@/lib/images/collections'

const links: Partial<Record<ShownCode, ('upload' | 'gallery')[]>> = {
  not_found: ['upload', 'gallery'],
  not_uploaded: ['upload'],
  unsupported_type: ['upload'],
  too_large: ['upload'],
  unreadable_image: ['upload'],
  too_many_pixels: ['upload'],
  draft_gone: ['upload'],
  quota: ['gallery'],
}

/** Whether other pages can resolve the failure. */
export const hasRecoveryLinks = (code: ShownCode) => code in links

interface RecoveryLinksProps {
  code: ShownCode
  collection: Collection
  onChooseAnother?: (() => void) | undefined
}

/** Links to pages that can resolve a failure of the crop page, on the server too. */
export function RecoveryLinks({ code, collection, onChooseAnother }: RecoveryLinksProps) {
  const translate = useTranslations('crop.recoveryActions')
  return links[code]?.map((page) => (
    <Link
      key={page}
      href={pagePath(page, collection)}
      className={buttonLook()}
      onClick={page === 'upload' ? onChooseAnother : undefined}
    >
      {translate(page)}
    </Link>
  ))
}
