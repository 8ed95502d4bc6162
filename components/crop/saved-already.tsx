'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { pathTo } from '@/components/collection-path'
import { Button } from '@/components/ui/button'
import { useShownCollection } from '@/components/use-shown-collection'

/** The crop page of a picture that is saved: in another tab, or by an old bookmark. */
export function SavedAlready() {
  const translate = useTranslations('site.saved')
  const collection = useShownCollection()
  return (
    <div className="max-w-xl space-y-4 py-6">
      <h1 className="font-semibold text-2xl tracking-tight">{translate('title')}</h1>
      <p className="text-muted">{translate('text')}</p>
      <Button asChild look="primary">
        <Link href={pathTo('gallery', collection)}>{translate('gallery')}</Link>
      </Button>
    </div>
  )
}
