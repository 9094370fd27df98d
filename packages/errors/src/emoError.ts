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
  declare readonly code: string
  /** The offending values. */
  declare readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, options: EmoErrorOptions = {}) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.details = options.details ?? {}
  }

  /** On the prototype, so that it does not show among an error's own properties. */
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- a field would be an own property
  get [brand](): true {
    return true
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === EmoError ? brand in Object(value) : super[Symbol.hasInstance](value)
  }
}

/** A number outside its range, or not a number at all: the semantics of `RangeError`. */
export class EmoRangeError extends EmoError {
  override name = 'RangeError'
}
