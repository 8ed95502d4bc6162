import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// `npm ci` installs exactly what package-lock.json says, so this file decides which security fixes a deployment has.

interface Locked {
  version?: string
  resolved?: string
  integrity?: string
  /** A folder of this repository. */
  link?: boolean
  /** Part of the archive of the package around it, whose hash covers it. */
  inBundle?: boolean
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }
/** All entries but the project's own. */
const installed = Object.entries(packages).filter(([path]) => path !== '')

/** Returns the versions of a package, wherever it is installed. */
const versionsOf = (name: string) =>
  installed.filter(([path]) => path.endsWith(`node_modules/${name}`)).map(([, { version = '' }]) => version)

/** Returns whether a version is a release of the same major version, and not older. */
function hasFixesOf(version: string, least: string): boolean {
  const [[major = 0, minor = 0, patch = 0], [leastMajor = 0, leastMinor = 0, leastPatch = 0]] = [version, least].map(
    (text) => text.split('.').map(Number),
  ) as [number[], number[]]
  if (major !== leastMajor) return major > leastMajor
  return minor === leastMinor ? patch >= leastPatch : minor > leastMinor
}

test.each([
  ['sharp', '0.35.4'],
  ['next', '16.4.5'],
])('S36: pins %s %s or later, everywhere', (name, least) => {
  const versions = versionsOf(name)
  expect(versions).not.toEqual([])
  expect(versions.filter((version) => !hasFixesOf(version, least))).toEqual([])
})

test('S36: the native libraries of sharp come with it', () => {
  const [sharp] = versionsOf('sharp')
  const natives = installed.filter(([path]) => /node_modules\/@img\/sharp-(?!libvips)[^/]+$/.test(path))
  expect(natives.length).toBeGreaterThan(5)
  expect(natives.filter(([, { version }]) => version !== sharp).map(([path]) => path)).toEqual([])
})

test('S36: every locked package has an integrity hash', () => {
  expect(installed.length).toBeGreaterThan(100)
  const own = installed.filter(([, { link, inBundle }]) => !link && !inBundle)
  const unverified = own.filter(([, { integrity = '' }]) => !/^sha(512|384|256)-/.test(integrity))
  expect(unverified.map(([path]) => path)).toEqual([])
})

test.each([
  ['0.35.3', '0.35.4', false],
  ['0.35.10', '0.35.4', true],
  ['0.36.0', '0.35.4', true],
  ['16.3.9', '16.4.5', false],
  ['17.0.0', '16.4.5', true],
  ['15.9.9', '16.4.5', false],
])('%s has the fixes of %s: %s', (version, least, expected) => {
  expect(hasFixesOf(version, least)).toBe(expected)
})
