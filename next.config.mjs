import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import createNextIntlPlugin from 'next-intl/plugin'

// The folder that holds the packages. Next would take the outermost one with a lockfile, and where that is a folder
// further out, server.js would stand as much deeper inside of .next/standalone.
const root = join(dirname(fileURLToPath(import.meta.resolve('next/package.json'))), '../..')

/** Nothing of a deployment stands here: one artefact serves them all (see lib/env.ts). */
const config = {
  // `.next/standalone`: all that a host needs, packages included, and nothing else. tools/stack/standalone-build.ts completes it.
  output: 'standalone',
  outputFileTracingRoot: root,
  turbopack: { root },
  // Variants are ready-made and come straight from the store: no host optimises, no host caches.
  images: { unoptimized: true },
  poweredByHeader: false,
  // A page never stands without its title, for nobody: metadata is awaited instead of streamed after the page.
  htmlLimitedBots: /.*/,
}

export default createNextIntlPlugin('./app/_shell/i18n.ts')(config)
