/**
 * Estimates when the next jobs start. Each takes the slot that is free first.
 * @param freeAt when each slot is free
 * @param count how many jobs start
 * @param duration of each job
 */
export function startTimes(freeAt: readonly number[], count: number, duration: number): number[] {
  const slots = [...freeAt]
  return Array.from({ length: count }, () => {
    const at = Math.min(...slots)
    slots[slots.indexOf(at)] = at + duration
    return at
  })
}
