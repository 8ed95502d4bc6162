/**
 * The values that a read of a mutable value may return: the last confirmed one, or one of a write without a response that
 * may have run since.
 */
export class Register<Value> {
  #known: Value
  /** Until when, in milliseconds, each value may still be written. Infinity while its request is pending. */
  #possible: { value: Value; until: number }[] = []

  constructor(initial: Value) {
    this.#known = initial
  }

  /** The last value that was confirmed or read. */
  get known(): Value {
    return this.#known
  }

  /** Whether a read can only return the known value. */
  get isCertain(): boolean {
    return this.#possible.length === 0
  }

  /** Records that a write of this value is sent. */
  request(value: Value): void {
    this.#possible.push({ value, until: Number.POSITIVE_INFINITY })
  }

  /** Records that the pending write of this value succeeded. */
  confirm(value: Value, now: number): void {
    this.#known = value
    this.#possible = this.#possible.filter((write) => write.until > now && !isPending(write, value))
  }

  /** Records that the pending write of this value changed nothing. */
  confirmUnchanged(value: Value): void {
    this.#possible = this.#possible.filter((write) => !isPending(write, value))
  }

  /** Records that a lost try may write this value until then. */
  allow(value: Value, until: number): void {
    this.#possible.push({ value, until })
  }

  accepts(value: Value): boolean {
    return value === this.#known || this.#possible.some((write) => write.value === value)
  }

  /** Records a value that was read and accepted. */
  observe(value: Value, now: number): void {
    this.#known = value
    this.#possible = this.#possible.filter(({ until }) => until > now)
  }

  /** Replaces a value that is gone by the value that reads return instead. */
  replace(gone: Value, next: Value): void {
    if (this.#known === gone) this.#known = next
    this.#possible = this.#possible.map((write) => (write.value === gone ? { ...write, value: next } : write))
  }

  toString(): string {
    const possible = this.#possible.map(({ value }) => ` or ${value}`)
    return `${this.#known}${[...new Set(possible)].join('')}`
  }
}

function isPending<Value>(write: { value: Value; until: number }, value: Value): boolean {
  return write.value === value && write.until === Number.POSITIVE_INFINITY
}
