/** Creates a list of this length from the index of each element. */
export function times<T>(length: number, create: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => create(index))
}
