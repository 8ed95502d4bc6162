import { expect, test } from 'vitest'
import { cpuMsOf, memoryOf, ownCpuMs, parseCpuMs, parseMemory } from './process-stat'

test('adds user and system CPU time of a process with any name', () => {
  const stat = '42 (a ) (name) S 1 42 42 0 -1 4194304 1000 0 0 0 123 45 7 8 20 0 11 0 100 1000 200'
  expect(parseCpuMs(stat)).toBe(1680)
})

test('returns memory in megabytes of a million bytes', () => {
  const status = 'Name:\tnode\nVmPeak:\t  999 kB\nVmHWM:\t  200000 kB\nVmRSS:\t  100000 kB\n'
  expect(parseMemory(status, 'VmRSS')).toBe(102.4)
  expect(parseMemory(status, 'VmHWM')).toBe(204.8)
  expect(() => parseMemory('Name:\tnode\n', 'VmRSS')).toThrow('VmRSS')
})

test.runIf(process.platform === 'linux')('reads the CPU time and memory of this process', () => {
  const before = cpuMsOf(process.pid)
  expect(Math.abs(before - ownCpuMs())).toBeLessThan(1000)
  const { residentMb, peakMb } = memoryOf(process.pid)
  expect(Math.abs(residentMb - process.memoryUsage().rss / 1e6)).toBeLessThan(50)
  expect(peakMb).toBeGreaterThanOrEqual(residentMb - 1)
})
