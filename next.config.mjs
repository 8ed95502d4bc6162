import createNextIntlPlugin from 'next-intl/plugin'

/** Nothing of a deployment stands here: one artefact serves them all (see lib/env.ts). */
const config = {
  // Variants are ready-made and come straight from the store: no host optimises, no host caches.
  images: { unoptimized: true },
  poweredByHeader: false,
  // A page never stands without its title, for nobody: metadata is awaited instead of streamed after the page.
  htmlLimitedBots: /.*/,
  // `npm run check` checks the types of everything, tests included; a build need not do it again.
  typescript: { ignoreBuildErrors: true },
}

export default createNextIntlPlugin('./app/i18n.ts')(config)
