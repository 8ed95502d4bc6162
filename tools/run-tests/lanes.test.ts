import { expect, test } from 'vitest'
import { runLanes, type Suite } from './lanes'

const suite = (name: string): Suite => ({ name, script: [name] })

/** Creates fake suites that print and end when the test calls `print` and `end`. */
function createRunner() {
  const running = new Map<string, { log: (line: string) => void; end: (code: number) => void }>()
  const lines: string[] = []
  return {
    lines,
    run: ({ name }: Suite, log: (line: string) => void) =>
      new Promise<number>((end) => {
        running.set(name, { log, end })
      }),
    log: (line: string) => void lines.push(line),
    print(name: string, line: string) {
      running.get(name)?.log(line)
    },
    async end(name: string, code = 0) {
      running.get(name)?.end(code)
      await new Promise((resolve) => setImmediate(resolve))
    },
    started: () => [...running.keys()],
  }
}

test('runs the suites of a lane in order and the lanes in parallel', async () => {
  const runner = createRunner()
  const done = runLanes([[suite('unit'), suite('contract')], [suite('e2e')]], runner.run, runner.log)
  expect(runner.started()).toEqual(['unit', 'e2e'])
  await runner.end('unit')
  expect(runner.started()).toEqual(['unit', 'e2e', 'contract'])
  await runner.end('contract')
  await runner.end('e2e')
  expect(await done).toEqual(new Set(['unit', 'contract', 'e2e']))
})

test('never mixes the lines of two lanes', async () => {
  const runner = createRunner()
  const done = runLanes([[suite('unit')], [suite('e2e')]], runner.run, runner.log)
  runner.print('e2e', 'early line of e2e')
  runner.print('unit', 'line of unit')
  expect(runner.lines).not.toContain('early line of e2e')
  await runner.end('unit')
  runner.print('e2e', 'late line of e2e')
  await runner.end('e2e')
  await done
  expect(runner.lines).toEqual([
    '=== e2e: runs in parallel with unit, output follows below',
    '\n=== unit',
    'line of unit',
    '=== unit: 0 s',
    '\n=== e2e',
    'early line of e2e',
    'late line of e2e',
    '=== e2e: 0 s',
  ])
})

test('prints a lane that ends early once the lanes before it have ended', async () => {
  const runner = createRunner()
  const done = runLanes([[suite('unit')], [suite('e2e')], [suite('chaos')]], runner.run, runner.log)
  await runner.end('chaos')
  await runner.end('e2e')
  await runner.end('unit')
  await done
  expect(runner.lines.filter((line) => line.endsWith(' s'))).toEqual([
    '=== unit: 0 s',
    '=== e2e: 0 s',
    '=== chaos: 0 s',
  ])
})

test('ends the lane of a suite that fails, and no other lane', async () => {
  const runner = createRunner()
  const done = runLanes([[suite('unit'), suite('contract')], [suite('e2e')]], runner.run, runner.log)
  await runner.end('unit', 7)
  expect(runner.started()).toEqual(['unit', 'e2e'])
  await runner.end('e2e')
  expect(await done).toEqual(new Set(['e2e']))
  expect(runner.lines).toContain('=== FAILED: unit (after 0 s, exit code 7)')
})
