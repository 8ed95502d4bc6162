import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import createNextIntlPlugin from 'next-intl/plugin'

// The folder with node_modules. By default Next takes the outermost folder with a lockfile. If that is a parent folder,
// server.js is deeper inside of .next/standalone.
const root = join(dirname(fileURLToPath(import.meta.resolve('next/package.json'))), '../..')

const maxBodySize = '32kb'

/** Contains nothing of a deployment: one build serves them all (see lib/env.ts). */
const config = {
  // All that a host needs, packages included. tools/stack/standalone-build.ts completes it.
  output: 'standalone',
  outputFileTracingRoot: root,
  turbopack: {
    root,
    resolveAlias: {
      // The editor takes all turns of the wheel from react-easy-crop, which never measures them.
      'normalize-wheel': './components/crop/no-wheel.ts',
      // The model that finds faces. Its package does not export these files.
      'blazeface/model.json': './node_modules/@vladmandic/human/models/blazeface.json',
      'blazeface/weights.bin': './node_modules/@vladmandic/human/models/blazeface.bin',
    },
  },
  // Browsers load finished variants straight from the store. Hosts do not optimize or cache images.
  images: { unoptimized: true },
  poweredByHeader: false,
  // Photos go straight to the store, so a host gets small bodies only. Next keeps 10 MB of each body for proxy.ts by
  // default: a few clients that never finish their requests would fill a host's memory.
  experimental: { proxyClientMaxBodySize: maxBodySize, serverActions: { bodySizeLimit: maxBodySize } },
  // Sends the metadata with the page instead of streaming it later, so that every page has a title at once.
  htmlLimitedBots: /.*/,
}

/** Compiles messages at build time, so that pages need no parser for them (12 kB). */
const withNextIntl = createNextIntlPlugin({
  requestConfig: './app/_shell/i18n.ts',
  experimental: { messages: { path: './messages', format: 'json', precompile: true } },
})

export default withNextIntl(config)
