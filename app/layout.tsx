import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import { NextIntlClientProvider } from 'next-intl'
import { getLocale, getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { RefreshOnChange } from '@/components/refresh-on-change'
import { Toaster } from '@/components/toaster'
import { Header } from './header'
import './globals.css'
import { themeOf } from './theme'

export async function generateMetadata(): Promise<Metadata> {
  const translate = await getTranslations()
  const product = translate('common.product')
  return {
    title: { default: product, template: `%s · ${product}` },
    description: translate('site.description'),
  }
}

export const viewport: Viewport = { colorScheme: 'light dark' }

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, jar] = await Promise.all([getLocale(), cookies()])
  return (
    <html lang={locale} dir="ltr" data-theme={themeOf(jar)}>
      <body className="flex min-h-dvh flex-col font-sans antialiased">
        <NextIntlClientProvider>
          <Header />
          {children}
          <Toaster />
          <RefreshOnChange />
        </NextIntlClientProvider>
      </body>
    </html>
  )
}
