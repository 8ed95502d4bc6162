import type { Metadata, Viewport } from 'next'
import localFont from 'next/font/local'
import { cookies, headers } from 'next/headers'
import { NextIntlClientProvider } from 'next-intl'
import { getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { PhotoFlowProvider } from '@/components/flow/photo-flow-provider'
import { FocusHeading } from '@/components/layout/focus-heading'
import { IncompleteNotice } from '@/components/layout/incomplete-notice'
import { RefreshOnChange } from '@/components/layout/refresh-on-change'
import { SlowNavigation } from '@/components/layout/slow-navigation'
import { Toaster } from '@/components/layout/toaster'
import { reloadOnce, watchFirstLoad } from '@/lib/browser/reload-once'
import { env } from '@/lib/env'
import { collections } from '@/lib/images/collections'
import { accentStyle } from '@/lib/site/accent'
import { canvas } from '@/lib/site/canvas'
import { iconUrl } from '@/lib/site/icon'
import { Header } from './_shell/header'
import { requestLocale } from './_shell/i18n'
import { directionOf } from './_shell/locale'
import './globals.css'
import { shownUser } from './_shell/shown-user'
import { themeOf } from './_shell/theme'
import { uploadLimits } from './_shell/upload-limits'
import { saveImage, startUpload } from './actions'

/** The typeface of headings. Text starts in a system font of the same size, so nothing moves when it arrives. */
const bricolage = localFont({
  src: '../node_modules/@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2',
  weight: '200 800',
  variable: '--font-bricolage',
})

export async function generateMetadata(): Promise<Metadata> {
  const translate = await getTranslations('site')
  const { name } = env().site
  const description = translate('description')
  return {
    metadataBase: new URL(env().appOrigin),
    title: { default: name, template: `%s · ${name}` },
    description,
    applicationName: name,
    icons: { icon: await iconUrl(env().site, process.cwd()), apple: '/apple-touch-icon.png' },
    openGraph: { siteName: name, description, images: '/og.png' },
  }
}

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: canvas.light },
    { media: '(prefers-color-scheme: dark)', color: canvas.dark },
  ],
}

const firstScript = `(${watchFirstLoad})(${reloadOnce})`

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [{ language, locale }, jar, head, user] = await Promise.all([
    requestLocale(),
    cookies(),
    headers(),
    shownUser(),
  ])
  const limits = Object.fromEntries(collections.map((collection) => [collection.name, uploadLimits(collection)]))
  const { accent } = env().site
  return (
    <html
      lang={locale}
      dir={directionOf(language)}
      data-theme={themeOf(jar)}
      data-auth-mode={env().authMode}
      className={bricolage.variable}
      style={accent ? accentStyle(accent) : undefined}
    >
      <head>
        {/* Browsers hide the nonce attribute, so hydration would report a mismatch. */}
        <script nonce={head.get('x-nonce') ?? undefined} suppressHydrationWarning>
          {firstScript}
        </script>
      </head>
      <body className="flex min-h-dvh flex-col font-sans antialiased">
        <NextIntlClientProvider>
          <IncompleteNotice />
          <Header />
          <PhotoFlowProvider limits={limits} hasSession={user !== null} startUpload={startUpload} saveImage={saveImage}>
            {children}
          </PhotoFlowProvider>
          <Toaster />
          <RefreshOnChange />
          <FocusHeading />
          <SlowNavigation />
        </NextIntlClientProvider>
      </body>
    </html>
  )
}
