import type { EmoErrorOptions } from './emoErrorOptions.ts'

/**
 * A number outside its range, or not a number at all: a `RangeError`, also by name, that is of the family too.
 *
 * `instanceof` says so for `RangeError`, `EmoError` and `EmoRangeError`, whichever Emo package threw it.
 */
export class EmoRangeError extends RangeError {
  /** Stable, upper snake case, e.g. `OUT_OF_RANGE`. */
  declare readonly code: string
  /** The offending values. */
  declare readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, options: EmoErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.details = options.details ?? {}
  }

  /**
   * As {@link EmoError}'s.
   *
   * @internal
   */
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- a field would be an own property
  get '@emo/error'(): true {
    return true
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return Object.hasOwn(this, Symbol.hasInstance)
      ? '@emo/error' in Object(value) && value instanceof RangeError
      : super[Symbol.hasInstance](value)
  }
}
