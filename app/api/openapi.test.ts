import { readdir, readFile } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

beforeAll(() => {
  vi.stubEnv('APP_ORIGIN', 'https://me.example.org')
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('S3_BUCKET', 'pictures')
  vi.stubEnv('AUTH_MODE', 'guest')
  vi.stubEnv('ALLOW_PUBLIC_GUESTS', 'true')
  vi.stubEnv('SESSION_SECRETS', 's'.repeat(32))
})
afterAll(() => {
  vi.unstubAllEnvs()
})

const app = fileURLToPath(new URL('..', import.meta.url))
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Returns every `METHOD /path` that a route file below `app/` handles. */
async function findRoutes(): Promise<string[]> {
  const files = (await readdir(app, { recursive: true })).filter((file) => file.endsWith(`${sep}route.ts`))
  const routes = files.map(async (file) => {
    const path = `/${relative('.', file).split(sep).slice(0, -1).join('/')}`.replace(/\[(\w+)\]/g, '{$1}')
    const exported = Object.keys(await import(`${app}/${file}`))
    return exported.filter((name) => methods.includes(name)).map((method) => `${method} ${path}`)
  })
  return (await Promise.all(routes)).flat()
}

/** Unknown API paths, and the steps of a sign-in in the browser. */
const notInApi = /\/api\/\[\.\.\.rest\]$|^GET \/sign-in\//

test('the document lists every route and no other', async () => {
  const { describeApi } = await import('./openapi')
  const paths = describeApi().paths as Record<string, object>
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const routes = (await findRoutes()).filter((route) => !notInApi.test(route))
  expect(routes.length).toBeGreaterThan(10)
  expect(described.toSorted()).toEqual(routes.toSorted())
})

test('the document is valid OpenAPI 3.1', async () => {
  const { describeApi } = await import('./openapi')
  const document = describeApi()
  const validator = new Validator()
  const { valid, errors } = await validator.validate(structuredClone(document))
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
  expect(validator.version).toBe('3.1')
})

const oidc = { OIDC_ISSUER: 'https://login.example.org', OIDC_CLIENT_ID: 'anyhost', OIDC_ALLOW_EVERYONE: 'true' }
const proxy = {
  PROXY_ALB_ARN: 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/a/0123456789abcdef',
}

test.each([
  ['guest', {}, { type: 'apiKey', in: 'cookie', name: '__Host-session' }],
  ['oidc', oidc, { type: 'apiKey', in: 'cookie', name: '__Host-account' }],
  ['proxy', proxy, { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }],
])('the document says how requests identify people in the mode %s', async (mode, variables, scheme) => {
  vi.resetModules()
  for (const [name, value] of Object.entries({ ...variables, AUTH_MODE: mode })) vi.stubEnv(name, value)
  const { describeApi } = await import('./openapi')
  expect(describeApi().components).toMatchObject({ securitySchemes: { session: scheme } })
  vi.stubEnv('AUTH_MODE', 'guest')
  vi.resetModules()
})

test('every reference in the document resolves', async () => {
  const { describeApi } = await import('./openapi')
  const document = describeApi()
  const { schemas } = document.components as { schemas: Record<string, unknown> }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference)
  expect(references.length).toBeGreaterThan(10)
  for (const reference of references) {
    expect(reference).toMatch(/^#\/components\/schemas\//)
    expect(schemas).toHaveProperty((reference as string).split('/')[3] as string)
  }
})

test('every error code is a response of some operation', async () => {
  const { describeApi } = await import('./openapi')
  const { errorTable } = await import('@/lib/result')
  const text = JSON.stringify(describeApi().paths)
  for (const code of Object.keys(errorTable)) expect(text).toContain(`\`${code}\``)
})

test('fields with a default are optional in requests', async () => {
  const { describeApi } = await import('./openapi')
  const paths = describeApi().paths as Record<string, Record<string, { requestBody: unknown }>>
  expect(paths['/api/crop']?.post?.requestBody).toMatchObject({
    content: { 'application/json': { schema: { required: ['uploadId', 'area'], additionalProperties: false } } },
  })
})

test('docs/api.md lists every path', async () => {
  const { describeApi } = await import('./openapi')
  const docs = await readFile(`${app}/../docs/api.md`, 'utf8')
  for (const path of Object.keys(describeApi().paths as object)) expect(docs).toContain(`${path}\``)
})
