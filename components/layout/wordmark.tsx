import { ChevronLeft } from 'lucide-react'
import Link from 'next/link'
import { Mark } from '@/components/ui/mark'

interface WordmarkProps {
  /** The name of the site. */
  name: string
  /** The address of a picture to show instead of mark and name. */
  logo: string | undefined
  /** The site that this one belongs to. By default the link leads to the first page. */
  homeUrl: string | undefined
}

const look =
  'inline-flex min-h-11 min-w-0 items-center gap-2 rounded-lg font-display font-semibold text-xl tracking-tight'

/** The name of the site, at the top of each page. */
export function Wordmark({ name, logo, homeUrl }: WordmarkProps) {
  const content = logo ? (
    // biome-ignore lint/performance/noImgElement: hosts do not optimize images
    <img src={logo} alt={name} width={160} height={32} className="h-8 w-auto max-w-40 object-contain" />
  ) : (
    <>
      <Mark className="size-7 shrink-0 text-accent" />
      <span className="truncate">{name}</span>
    </>
  )
  if (!homeUrl) {
    return (
      <Link href="/" className={look}>
        {content}
      </Link>
    )
  }
  return (
    <a href={homeUrl} className={look}>
      <ChevronLeft aria-hidden className="-me-1 size-5 shrink-0 text-muted rtl:-scale-x-100" />
      {content}
    </a>
  )
}
