import 'server-only'
import type { z } from 'zod'
import { collectionIn, runStep } from '@/app/_shell/run-step'
import { parseInput } from '@/lib/images/schema'
import { ok, type Result, refuse } from '@/lib/result'
import { requireUser, requireWriter } from '@/lib/session/current-user'
import { requireOwnOrigin } from '@/lib/session/origin'
import type { User } from '@/lib/session/user'
import { type Access, type Operation, operations } from './operations'
import { noStore, problem } from './problem'
import { readJson } from './read-json'

/** Next's second argument of a route handler. */
interface Context {
  /** Undefined if the path has no parameters. */
  params: Promise<Record<string, string> | undefined>
}

type Handler = (request: Request, context: Context) => Promise<Response>

/** A request's parsed input. */
interface Input<P, Q, B> {
  params: P
  query: Q
  body: B
}

/**
 * Defines a route for signed-in people. Checks access, parses input by the operation's schemas, then runs the work.
 * The signal aborts when the client disconnects.
 */
export function defineRoute<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject, A extends z.ZodType>(
  operation: Operation<'reader' | 'writer', P, Q, B, A>,
  work: (
    user: User,
    input: Input<z.output<P>, z.output<Q>, z.output<B>>,
    signal: AbortSignal,
  ) => Promise<Result<AnswerOf<A>>>,
): Handler {
  return (request, context) =>
    respond(operation, request, async (details) => {
      const user = await (operation.access === 'writer' ? requireWriter() : requireUser())
      if (!user.ok) return user
      const input = await readInput(operation, request, context)
      if (!input.ok) return input
      details.collection = collectionIn({ ...input.value.params, ...input.value.query, ...input.value.body })
      return work(user.value, input.value, request.signal)
    })
}

/** Defines a route without sign-in or input. A `visitor` operation accepts only requests from the site's own pages. */
export function definePublicRoute<A extends z.ZodType>(
  operation: Operation<'public' | 'visitor', z.ZodObject, z.ZodObject, z.ZodObject, A>,
  work: () => Promise<Result<AnswerOf<A>>>,
): Handler {
  return (request) =>
    respond(operation, request, async () => {
      const origin = operation.access === 'visitor' ? await requireOwnOrigin() : ok(null)
      return origin.ok ? work() : origin
    })
}

/** The value of an operation's response; null for a 204. */
type AnswerOf<A extends z.ZodType> = z.ZodType extends A ? null : z.input<A>

async function respond(
  operation: Operation,
  request: Request,
  work: Parameters<typeof runStep<unknown>>[1],
): Promise<Response> {
  const { status } = operation
  const result = await runStep(nameOf(operation), work, request.signal)
  // The client is gone. Access logs use 499 for this, as nginx does.
  if (request.signal.aborted) return new Response(null, { status: 499 })
  if (!result.ok) return problem(result)
  if (status === 204) return new Response(null, { status, headers: noStore })
  return Response.json(result.value, { status, headers: noStore })
}

/** Returns the operation's id in the API, which is also the name of its server action. */
function nameOf(operation: Operation): string {
  const [name] = Object.entries(operations).find(([, other]) => other === operation) ?? []
  return name ?? operation.path
}

async function readInput<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject>(
  operation: Operation<Access, P, Q, B>,
  request: Request,
  context: Context,
): Promise<Result<Input<z.output<P>, z.output<Q>, z.output<B>>>> {
  // A malformed id gets the same response as an id that never existed (security S10).
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
