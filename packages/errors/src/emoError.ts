/** Marks errors of the family across the copies that the packages bundle, so that `instanceof` works between them. */
const brand: unique symbol = Symbol.for('@emo/error') as never

/** What an error carries besides its message. */
export interface EmoErrorOptions extends ErrorOptions {
  /** The offending values, for programs. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * Base of every error that an Emo package throws on purpose.
 *
 * `code` is stable across releases; the message says what was given and what to do and may change.
 * `instanceof EmoError` holds for errors of every Emo package.
 */
export class EmoError extends Error {
  /** Stable, upper snake case, e.g. `AUDIO_EMPTY`. */
  readonly code: string
  /** The offending values. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, options: EmoErrorOptions = {}) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.details = options.details ?? {}
    Object.defineProperty(this, brand, { value: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== EmoError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return typeof value === 'object' && value !== null && brand in value
  }
}

/** A number outside its range, or not a number at all: the semantics of `RangeError`. */
export class EmoRangeError extends EmoError {
  constructor(code: string, message: string, options: EmoErrorOptions = {}) {
    super(code, message, options)
    this.name = 'RangeError'
  }
}
