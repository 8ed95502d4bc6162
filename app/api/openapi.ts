import 'server-only'
import { z } from 'zod'
import { env } from '@/lib/env'
import { CropAnswer, CurrentAnswer, GalleryPage, Recropped, SavedImage, UploadTicket } from '@/lib/images/schema'
import { type ErrorCode, errorTable } from '@/lib/result'
import packageJson from '@/package.json' with { type: 'json' }
import { type Operation, operations, probes, SessionAnswer } from './operations'
import { Problem } from './problem'

type Json = Record<string, unknown>

/** Response schemas that the document defines by name. */
const named = z.registry<{ id: string }>()
const answers = { SessionAnswer, UploadTicket, CropAnswer, SavedImage, GalleryPage, Recropped, CurrentAnswer, Problem }
for (const [id, schema] of Object.entries(answers)) named.add(schema, { id })

/** Returns the API as an OpenAPI 3.1 document, generated from the schemas that the routes use. */
export function describeApi(): Json {
  const paths: Record<string, Json> = {}
  for (const [operationId, operation] of Object.entries<Operation>(operations)) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: describeOperation(operationId, operation),
    }
  }
  for (const [path, { summary, statuses }] of Object.entries(probes)) {
    const described = Object.entries(statuses).map(([status, description]) => [status, { description }])
    paths[path] = { get: { operationId: path.slice(1), summary, responses: Object.fromEntries(described) } }
  }
  const { schemas } = z.toJSONSchema(named, { uri: reference, io: 'output' })
  return {
    openapi: '3.1.1',
    info: {
      title: packageJson.name,
      version: packageJson.version,
      description: `${packageJson.description} Errors are problem+json (RFC 9457) with a stable code.`,
      license: { name: packageJson.license, identifier: packageJson.license },
    },
    servers: [{ url: env().appOrigin }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema)])),
      securitySchemes: { session: sessionScheme() },
    },
  }
}

/** How a request identifies its person, in the mode of this host. */
function sessionScheme(): Json {
  const { authMode, isHttps } = env()
  if (authMode === 'proxy') return { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }
  const name = authMode === 'oidc' ? 'account' : 'session'
  return { type: 'apiKey', in: 'cookie', name: isHttps ? `__Host-${name}` : name }
}

function describeOperation(operationId: string, operation: Operation): Json {
  const { summary, access, params, query, body, status, answer } = operation
  const isWriting = access === 'writer' || access === 'visitor'
  const origin = {
    name: 'Origin',
    in: 'header',
    required: true,
    description: "The site's own origin. Browsers send it automatically.",
    schema: { type: 'string', const: env().appOrigin },
  }
  return {
    operationId,
    summary,
    security: access === 'public' || access === 'visitor' ? [] : [{ session: [] }],
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query'), ...(isWriting ? [origin] : [])],
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: plain(z.toJSONSchema(body, { io: 'input' })) } },
      },
    }),
    responses: {
      [status]: {
        description: status === 204 ? 'Done. No content.' : status === 201 ? 'Created.' : 'OK.',
        ...(answer && { content: { 'application/json': { schema: answerSchema(answer) } } }),
      },
      ...refusalsOf(operation),
    },
  }
}

function answerSchema(answer: z.ZodType): Json {
  const id = named.get(answer)?.id
  return id ? { $ref: reference(id) } : plain(z.toJSONSchema(answer))
}

function parametersOf(schema: z.ZodObject, where: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' })
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: property,
  }))
}

/** Returns the error responses by status. Codes that share a status differ in the body's `code`. */
function refusalsOf({ access, params, query, body, refusals }: Operation): Json {
  const codes = new Set<ErrorCode>([...refusals, 'internal'])
  if (access === 'reader' || access === 'writer') codes.add('unauthorized')
  if (access === 'visitor' || access === 'writer') codes.add('forbidden_origin')
  if (body || Object.keys(query.shape).length > 0) codes.add('invalid_request')
  if (Object.keys(params.shape).length > 0) codes.add('not_found')
  const answers: Json = {}
  for (const status of new Set([...codes].map((code) => errorTable[code].status))) {
    const sharing = [...codes].filter((code) => errorTable[code].status === status)
    answers[status] = {
      description: sharing.map((code) => `\`${code}\`: ${errorTable[code].sentence}`).join(' '),
      ...(sharing.includes('busy') && { headers: { 'Retry-After': retryAfter } }),
      content: { 'application/problem+json': { schema: { $ref: reference('Problem') } } },
    }
  }
  return answers
}

const retryAfter = { description: 'Seconds to wait before a retry.', schema: { type: 'integer' } }

const reference = (id: string) => `#/components/schemas/${id}`

/** Removes the keys that mark a standalone JSON schema. */
function plain({ $schema: _dialect, $id: _id, ...schema }: Json): Json {
  return schema
}
