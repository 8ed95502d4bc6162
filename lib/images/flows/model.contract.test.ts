import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeAll, test } from 'vitest'
import {
  type Cast,
  choiceKinds,
  cropStep,
  draftStep,
  finish,
  type Model,
  meanwhileStep,
  newModel,
  openTabStep,
  operateStep,
  passStep,
  resendStep,
  type Step,
  startCast,
  strangerStep,
  uploadStep,
  visitStep,
} from '@/lib/images/test-support/model-steps'
import { propertyRun } from '@/tools/testing/property-run'

/**
 * Runs random steps of people, tabs and hosts: uploads, crops, saves, choices, descriptions, deletions, cleanup, replayed
 * policies and passing time. Hosts die at a random write or pause while another operation runs. After each step every
 * person must see exactly the images of the model.
 *
 * FLOWS_SEED repeats a run and shrinks its failure. FLOWS_RUNS sets the number of runs.
 */

const { seed, runs, shrinks } = propertyRun()

let cast: Cast

beforeAll(async () => {
  cast = await startCast()
})

/** A step of the random test, with a description for the report of a failure. */
class Command implements fc.AsyncCommand<Model, object> {
  constructor(
    readonly description: string,
    readonly step: Step,
  ) {}
  check = () => true
  run = (model: Model) => this.step(model)
  toString = () => this.description
}

const who = fc.nat(1)
const on = fc.nat(1)
const operation = fc.record({ who, tab: fc.nat(1), kind: fc.nat(choiceKinds - 1), pick: fc.nat(5) })
const death = fc.record({ after: fc.nat(7), getsAnswer: fc.boolean() })
const at = fc.constantFrom(0, 20)

const command = <T extends unknown[]>(
  name: string,
  args: { [at in keyof T]: fc.Arbitrary<T[at]> },
  step: (...args: T) => Step,
) =>
  fc
    .tuple<T>(...args)
    .map(
      (values) => new Command(`${name} ${inspect(values, { breakLength: Number.POSITIVE_INFINITY })}`, step(...values)),
    )

const repeat = <T>(times: number, one: T): T[] => Array<T>(times).fill(one)

const commands = fc.commands(
  [
    ...repeat(2, command('draft', [who, fc.nat(2), on, at], draftStep)),
    command('upload', [who, fc.nat(2), on], uploadStep),
    ...repeat(2, command('crop', [who, fc.nat(5), at, fc.option(fc.nat(6), { freq: 2 })], cropStep)),
    ...repeat(4, command('operate', [operation, on, fc.constant(null)], operateStep)),
    ...repeat(4, command('operate and die', [operation, on, death], operateStep)),
    ...repeat(
      5,
      command('meanwhile', [fc.tuple(operation, operation), fc.integer({ min: 1, max: 15 })], meanwhileStep),
    ),
    command('stranger', [operation], strangerStep),
    ...repeat(2, command('open tab', [who, fc.nat(1)], openTabStep)),
    command('send again', [who, fc.nat(2)], resendStep),
    command('time', [fc.constantFrom(1.1, 1.1, 10.3, 25.9, 49.3)], passStep),
    command('visit', [who], visitStep),
  ],
  { maxCommands: 50, size: 'max' },
)

test(`rules 1 to 12: nothing is lost, wrong or left over (FLOWS_SEED=${seed})`, {
  timeout: shrinks ? 3_600_000 : 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const model = newModel(cast)
      for (const person of [0, 1]) await draftStep(person, person, 0, 0)(model)
      await fc.asyncModelRun(() => ({ model, real: {} }), steps)
      await finish(model)
    }),
    { seed, numRuns: runs, endOnFailure: !shrinks },
  )
})
