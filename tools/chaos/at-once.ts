/** Runs some work for each item, this many at a time, in order. */
export async function atOnce<T>(count: number, all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  let next = 0
  const workOff = async () => {
    while (next < all.length) {
      const one = all[next] as T
      next += 1
      await work(one)
    }
  }
  await Promise.all(Array.from({ length: count }, workOff))
}
