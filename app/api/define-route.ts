import 'server-only'
import type { z } from 'zod'
import { withErrorLogging } from '@/app/_shell/with-error-logging'
import { parseInput } from '@/lib/images/schema'
import { ok, type Result, refuse } from '@/lib/result'
import { requireUser, requireWriter } from '@/lib/session/current-user'
import { requireOwnOrigin } from '@/lib/session/origin'
import type { User } from '@/lib/session/user'
import type { Access, Operation } from './operations'
import { noStore, problem } from './problem'
import { readJson } from './read-json'

/** What Next hands to a route. */
interface Context {
  /** Undefined where the path has none. */
  params: Promise<Record<string, string> | undefined>
}

type Handler = (request: Request, context: Context) => Promise<Response>

/** What a request brought, parsed. */
interface Input<P, Q, B> {
  params: P
  query: Q
  body: B
}

/**
 * A route for those who are signed in: access, input by the operation's schemas, the work, and its answer. The work is
 * told when the client goes away.
 */
export function defineRoute<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject, A extends z.ZodType>(
  operation: Operation<'reader' | 'writer', P, Q, B, A>,
  work: (
    user: User,
    input: Input<z.output<P>, z.output<Q>, z.output<B>>,
    signal: AbortSignal,
  ) => Promise<Result<Answered<A>>>,
): Handler {
  return (request, context) =>
    respond(operation, request, async () => {
      const user = await (operation.access === 'writer' ? requireWriter() : requireUser())
      if (!user.ok) return user
      const input = await readInput(operation, request, context)
      return input.ok ? work(user.value, input.value, request.signal) : input
    })
}

/** A route for anyone; if it changes something, only from the site's own pages. It takes no input. */
export function definePublicRoute<A extends z.ZodType>(
  operation: Operation<'public' | 'visitor', z.ZodObject, z.ZodObject, z.ZodObject, A>,
  work: () => Promise<Result<Answered<A>>>,
): Handler {
  return (request) =>
    respond(operation, request, async () => {
      const origin = operation.access === 'visitor' ? await requireOwnOrigin() : ok(null)
      return origin.ok ? work() : origin
    })
}

/** A 204 bears nothing. */
type Answered<A extends z.ZodType> = z.ZodType extends A ? null : z.input<A>

async function respond(
  operation: Operation,
  request: Request,
  work: () => Promise<Result<unknown>>,
): Promise<Response> {
  const { method, path, status } = operation
  const result = await withErrorLogging(`${method} ${path}`, work, request.signal)
  // Nobody reads it. 499 is what access logs call that (nginx).
  if (request.signal.aborted) return new Response(null, { status: 499 })
  if (!result.ok) return problem(result)
  if (status === 204) return new Response(null, { status, headers: noStore })
  return Response.json(result.value, { status, headers: noStore })
}

async function readInput<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject>(
  operation: Operation<Access, P, Q, B>,
  request: Request,
  context: Context,
): Promise<Result<Input<z.output<P>, z.output<Q>, z.output<B>>>> {
  // An id that cannot be one is nobody's: the same answer as for one that never was (security S10).
  const params = operation.params.safeParse((await context.params) ?? {})
  if (!params.success) return refuse('not_found')
  const query = parseInput(operation.query, Object.fromEntries(new URL(request.url).searchParams))
  if (!query.ok) return query
  const body = await readBody(operation, request)
  return body.ok ? ok({ params: params.data, query: query.value, body: body.value }) : body
}

async function readBody<B extends z.ZodObject>({ body }: { body?: B }, request: Request): Promise<Result<z.output<B>>> {
  if (!body) return ok({} as z.output<B>)
  const json = await readJson(request)
  return json.ok ? parseInput(body, json.value) : json
}
