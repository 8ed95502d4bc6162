/**
 * What may be read of a thing that is written over and over: what its last answered write made of it, or what a write
 * that was never answered did, if that one was at work when the last answer came, or after it.
 */
export class Register<Value> {
  #told: Value
  /** Until when, in milliseconds, each may still be written: Infinity while it is asked for. */
  #perhaps: { value: Value; until: number }[] = []

  constructor(initial: Value) {
    this.#told = initial
  }

  /** What the last answer made of it, or a later look. */
  get told(): Value {
    return this.#told
  }

  /** Whether nothing but what was told can be read. */
  get isCertain(): boolean {
    return this.#perhaps.length === 0
  }

  /** A write of this value is sent. */
  ask(value: Value): void {
    this.#perhaps.push({ value, until: Number.POSITIVE_INFINITY })
  }

  /** The write that was asked for is answered: the value stands. */
  tell(value: Value, now: number): void {
    this.#told = value
    this.#perhaps = this.#perhaps.filter((one) => one.until > now && !isAsked(one, value))
  }

  /** The write that was asked for is answered: it changed nothing. */
  tellNothing(value: Value): void {
    this.#perhaps = this.#perhaps.filter((one) => !isAsked(one, value))
  }

  /** A try of a write had no answer: it may still be done, until then. */
  fear(value: Value, until: number): void {
    this.#perhaps.push({ value, until })
  }

  accepts(value: Value): boolean {
    return value === this.#told || this.#perhaps.some((one) => one.value === value)
  }

  /** The value was read, and accepted. */
  see(value: Value, now: number): void {
    this.#told = value
    this.#perhaps = this.#perhaps.filter(({ until }) => until > now)
  }

  /** From now on the one value cannot be any more: wherever it was, or may be, there is the other. */
  replace(gone: Value, next: Value): void {
    if (this.#told === gone) this.#told = next
    this.#perhaps = this.#perhaps.map((one) => (one.value === gone ? { ...one, value: next } : one))
  }

  toString(): string {
    const perhaps = this.#perhaps.map(({ value }) => ` or ${value}`)
    return `${this.#told}${[...new Set(perhaps)].join('')}`
  }
}

function isAsked<Value>(one: { value: Value; until: number }, value: Value): boolean {
  return one.value === value && one.until === Number.POSITIVE_INFINITY
}
