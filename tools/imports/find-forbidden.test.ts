import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findForbiddenImports } from './find-forbidden'
import { rules } from './rules'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imports-'))
})

afterEach(() => rm(directory, { recursive: true }))

async function check(file: string, text: string) {
  await mkdir(dirname(join(directory, file)), { recursive: true })
  await writeFile(join(directory, file), text)
  return findForbiddenImports(directory, [file], rules)
}

test.each([
  ['lib/images/save.ts', "import sharp from 'sharp'", 'sharp'],
  ['lib/images/save.ts', "import type { S3Client } from '@aws-sdk/client-s3'", '@aws-sdk/client-s3'],
  ['lib/images/save.ts', "import { cookies } from 'next/headers'", 'next/headers'],
  ['lib/images/save.ts', "import { readGuest } from '@/lib/session/guest'", '@/lib/session/guest'],
  ['lib/images/storage/keys.ts', "export { saveImage } from '@/lib/images/save'", '@/lib/images/save'],
  ['lib/s3/objects.ts', "import { log } from '../log'", '../log'],
  ['lib/env.ts', "const images = await import('./images/save')", './images/save'],
  ['app/page.tsx', "import { putObject } from '@/lib/s3/objects'\nexport default () => <p />", '@/lib/s3/objects'],
  ['components/avatar.tsx', "import { env } from '@/lib/env'\nexport const Avatar = () => <p>{env}</p>", '@/lib/env'],
  ['components/crop/params.ts', "import { Recipe } from '@/lib/images/schema'", '@/lib/images/schema'],
  ['components/crop/params.ts', "import { type Recipe, Flip } from '@/lib/images/schema'", '@/lib/images/schema'],
  ['components/crop/params.ts', "import { z } from 'zod'", 'zod'],
  ['lib/browser/send-file.ts', "export * from '@/lib/images/schema'", '@/lib/images/schema'],
  ['lib/browser/send-file.ts', "import '@/lib/images/schema'", '@/lib/images/schema'],
  ['lib/browser/send-file.ts', "import * as z from 'zod/mini'", 'zod/mini'],
  ['lib/images/geometry.ts', "import { Recipe } from './schema'", './schema'],
  ['lib/images/file/frames.ts', "import { z } from 'zod'", 'zod'],
  ['lib/result.ts', "import { env } from '@/lib/env'", '@/lib/env'],
  ['lib/images/crop.ts', "import { stack } from '@/tools/stack/stack'", '@/tools/stack/stack'],
  ['lib/images/crop.test.ts', "import { stack } from '@/tools/stack/stack'", '@/tools/stack/stack'],
])('finds the forbidden import in %s: %s', async (file, text, specifier) => {
  expect(await check(file, text)).toEqual([{ file, line: 1, specifier }])
})

test.each([
  ['lib/images/engine/render.ts', "import sharp from 'sharp'"],
  ['lib/s3/client.ts', "import { S3Client } from '@aws-sdk/client-s3'"],
  ['components/avatar.tsx', "import { ok } from '@/lib/result'\nimport { useState } from 'react'"],
  ['components/crop/params.ts', "import type { Recipe } from '@/lib/images/schema'"],
  ['lib/browser/send-file.ts', "export type { Recipe } from '@/lib/images/schema'"],
  ['lib/images/schema.ts', "import { z } from 'zod'"],
  ['lib/images/crop.test.ts', "import { findFreePorts } from '@/tools/testing/ports'"],
  ['lib/images/save.ts', "// import sharp from 'sharp'\nexport const text = \"import 'sharp'\""],
])('allows the imports of %s: %s', async (file, text) => {
  expect(await check(file, text)).toEqual([])
})

test('names the line of an import', async () => {
  const text = "import { log } from '@/lib/log'\n\nimport sharp from 'sharp'\n"
  expect(await check('lib/host/drain.ts', text)).toEqual([{ file: 'lib/host/drain.ts', line: 3, specifier: 'sharp' }])
})

test('fails for a folder that has no rule', async () => {
  await expect(check('scripts/new/tool.ts', '')).rejects.toThrow('No import rule covers scripts/new/tool.ts')
})
