import { Crop, ImageUp, type LucideIcon, UserRoundCheck } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'

/** The start page: what the product does, how it works, where to start. */
export function Welcome() {
  const translate = useTranslations('common')
  return (
    <div className="space-y-14 py-6 sm:space-y-20 sm:py-14">
      <section className="max-w-2xl space-y-5">
        <h1 className="text-balance font-semibold text-4xl tracking-tight sm:text-5xl">{translate('welcome.title')}</h1>
        <p className="text-lg text-muted">{translate('welcome.lead')}</p>
        <div className="flex flex-wrap gap-3 pt-2">
          <Button asChild look="primary" size="large">
            <Link href="/upload">{translate('welcome.start')}</Link>
          </Button>
          <Button asChild size="large">
            <Link href="/gallery">{translate('welcome.gallery')}</Link>
          </Button>
        </div>
      </section>
      <section>
        <h2 className="sr-only">{translate('welcome.howTitle')}</h2>
        <ol className="grid gap-4 sm:grid-cols-3">
          <Step icon={ImageUp} title={translate('steps.upload')} text={translate('welcome.uploadText')} />
          <Step icon={Crop} title={translate('steps.crop')} text={translate('welcome.cropText')} />
          <Step icon={UserRoundCheck} title={translate('steps.save')} text={translate('welcome.saveText')} />
        </ol>
      </section>
    </div>
  )
}

function Step({ icon: Icon, title, text }: { icon: LucideIcon; title: string; text: string }) {
  return (
    <li className="rounded-card border border-line bg-surface p-6">
      <Icon aria-hidden className="size-6 text-accent" strokeWidth={1.75} />
      <h3 className="mt-4 font-medium">{title}</h3>
      <p className="mt-1 text-muted text-sm">{text}</p>
    </li>
  )
}
