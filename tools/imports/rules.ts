/** The allowed imports of the files of one folder. A glob ends in `**`, or names one file without its extension. */
export interface Rule {
  /** The first rule whose glob matches a file applies to it. */
  files: string[]
  /** The project files that they may import. */
  project: string[]
  /** The project files of which they may import types, with `import type` or `export type`. */
  types?: string[]
  /** The restricted packages that they may import. All other packages are allowed everywhere. */
  packages?: (keyof typeof restrictedPackages)[]
}

/** Packages that only some folders may import, by their name in rules. */
export const restrictedPackages = {
  react: /^(react|react-dom|next|next-intl|use-intl)(\/|$)/,
  sharp: /^sharp$/,
  aws: /^@(aws-sdk|smithy|aws-crypto)\//,
  // Not for browsers: it is larger than most pages, and its probe for `eval` violates the Content-Security-Policy.
  zod: /^zod(\/|$)/,
} as const

/** The parts of `lib` that any code may import, in browsers too. */
const shared = [
  'lib/result',
  'lib/images/limits',
  'lib/images/collections',
  'lib/images/geometry',
  'lib/images/file/**',
]
/** The types of requests and answers. Browser code must not import the schemas themselves: they need zod. */
const sharedTypes = ['lib/images/schema']
/** The modules at the top of `lib`. Server code only, except `lib/result`. */
const base = [
  'lib/result',
  'lib/env',
  'lib/env-values',
  'lib/sign-in-env',
  'lib/proxy-env',
  'lib/log',
  'lib/log-output',
  'lib/base32',
  'lib/limiter',
  'lib/start-times',
  'lib/per-process',
]

/** The import rules of the project (docs/architecture.md), from the edge of the app to its core. */
export const rules: Rule[] = [
  { files: ['tools/bench/overlay/**'], project: ['app/**', 'lib/**', 'tools/bench/overlay/**'], packages: ['react'] },
  // Draws files from what the pages show.
  {
    files: ['tools/brand-files/**'],
    project: ['tools/**', 'components/ui/mark', 'components/layout/framed-face'],
    packages: ['react', 'sharp'],
  },
  {
    files: ['e2e/**', 'tools/**'],
    project: ['e2e/**', 'tools/**', 'lib/**', 'package.json'],
    packages: ['react', 'sharp', 'aws', 'zod'],
  },
  {
    files: ['**/*.test', '**/test-support/**'],
    project: ['app/**', 'components/**', 'lib/**', 'messages/**', 'tools/testing/**', 'package.json', 'proxy'],
    packages: ['react', 'sharp', 'aws', 'zod'],
  },
  {
    files: ['app/**', 'proxy', 'instrumentation', 'instrumentation-client'],
    project: [
      'app/**',
      'components/**',
      'lib/session/**',
      'lib/host/**',
      'lib/site/**',
      'lib/images/*',
      'lib/images/storage/**',
    ].concat(base, 'lib/browser/**', 'messages/**', 'package.json'),
    packages: ['react', 'zod'],
  },
  {
    files: ['components/**'],
    project: ['components/**', 'lib/browser/**', ...shared],
    types: sharedTypes,
    packages: ['react'],
  },
  { files: ['lib/browser/**'], project: ['lib/browser/**', ...shared], types: sharedTypes },
  { files: shared.filter((file) => !file.includes('*')), project: shared, types: sharedTypes },
  // Sessions use the store's time, and an object in it ends them.
  {
    files: ['lib/session/**'],
    project: [
      'lib/session/**',
      'lib/images/collections',
      'lib/images/storage/buckets',
      'lib/images/storage/keys',
      'lib/s3/objects',
      ...base,
    ],
    packages: ['react', 'zod'],
  },
  {
    files: ['lib/bucket/**'],
    project: ['lib/bucket/**', 'lib/host/**', 'lib/images/*', 'lib/images/storage/**', 'lib/s3/**', ...base],
  },
  {
    files: ['lib/host/**'],
    project: ['lib/host/**', 'lib/site/**', 'lib/images/*', 'lib/images/storage/**', 'lib/s3/**', ...base],
  },
  { files: ['lib/site/**'], project: ['lib/site/**', ...base] },
  {
    files: ['lib/images/engine/**'],
    project: ['lib/images/engine/**', ...shared],
    types: sharedTypes,
    packages: ['sharp'],
  },
  { files: ['lib/images/file/**'], project: ['lib/images/file/**'] },
  {
    files: ['lib/images/storage/**'],
    project: ['lib/images/storage/**', 'lib/images/engine/version', 'lib/images/schema', 'lib/s3/**'].concat(
      base,
      shared,
    ),
    packages: ['zod'],
  },
  {
    files: ['lib/images/*'],
    project: ['lib/images/*', 'lib/images/storage/**', 'lib/images/engine/**', 'lib/images/file/**'].concat(
      base,
      'lib/s3/**',
    ),
    packages: ['zod'],
  },
  { files: ['lib/s3/**'], project: ['lib/s3/**'], packages: ['aws'] },
  // Variables end with the names of collections.
  { files: ['lib/env'], project: ['lib/images/collections', ...base], packages: ['zod'] },
  { files: ['lib/env-values', 'lib/sign-in-env', 'lib/proxy-env'], project: base, packages: ['zod'] },
  { files: ['lib/*'], project: base },
  { files: ['*'], project: ['*'], packages: ['react'] },
]
