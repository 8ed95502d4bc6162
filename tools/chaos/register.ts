/**
 * The values that a read of a mutable thing may return: the one that was confirmed last, or one of a write without an
 * answer that may have run since.
 */
export class Register<Value> {
  #known: Value
  /** Until when, in milliseconds, each value may still be written. Infinity while its request is pending. */
  #possible: { value: Value; until: number }[] = []

  constructor(initial: Value) {
    this.#known = initial
  }

  /** The value that was confirmed or read last. */
  get known(): Value {
    return this.#known
  }

  /** Whether only the known value can be read. */
  get isCertain(): boolean {
    return this.#possible.length === 0
  }

  /** A write of this value is sent. */
  request(value: Value): void {
    this.#possible.push({ value, until: Number.POSITIVE_INFINITY })
  }

  /** The pending write of this value succeeded. */
  confirm(value: Value, now: number): void {
    this.#known = value
    this.#possible = this.#possible.filter((one) => one.until > now && !isPending(one, value))
  }

  /** The pending write of this value was answered, and changed nothing. */
  confirmUnchanged(value: Value): void {
    this.#possible = this.#possible.filter((one) => !isPending(one, value))
  }

  /** This value may be written until then, by a try that had no answer. */
  allow(value: Value, until: number): void {
    this.#possible.push({ value, until })
  }

  accepts(value: Value): boolean {
    return value === this.#known || this.#possible.some((one) => one.value === value)
  }

  /** The value was read, and accepted. */
  observe(value: Value, now: number): void {
    this.#known = value
    this.#possible = this.#possible.filter(({ until }) => until > now)
  }

  /** From now on one value reads as the other. */
  replace(gone: Value, next: Value): void {
    if (this.#known === gone) this.#known = next
    this.#possible = this.#possible.map((one) => (one.value === gone ? { ...one, value: next } : one))
  }

  toString(): string {
    const possible = this.#possible.map(({ value }) => ` or ${value}`)
    return `${this.#known}${[...new Set(possible)].join('')}`
  }
}

function isPending<Value>(one: { value: Value; until: number }, value: Value): boolean {
  return one.value === value && one.until === Number.POSITIVE_INFINITY
}
