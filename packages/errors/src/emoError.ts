import type { EmoErrorOptions } from './emoErrorOptions.ts'

/**
 * Base of every error that an Emo package throws on purpose.
 *
 * `code` is stable across releases; the message says what was given and what to do and may change.
 * `instanceof EmoError` holds for errors of every Emo package.
 */
export class EmoError extends Error {
  // Spelled out: compilers rename classes.
  override name = 'EmoError'
  /** Stable, upper snake case, e.g. `AUDIO_EMPTY`. */
  declare readonly code: string
  /** The offending values. */
  declare readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, options: EmoErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.details = options.details ?? {}
  }

  /**
   * Marks errors of the family across the copies that the packages bundle, so that `instanceof` works between them. On the prototype, so that it does
   * not show among an error's own properties; no symbol, because bundlers keep classes with computed names though nothing uses them.
   *
   * @internal
   */
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- a field would be an own property
  get '@emo/error'(): true {
    return true
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // Subclasses inherit this, and are what their prototypes say.
    return Object.hasOwn(this, Symbol.hasInstance) ? '@emo/error' in Object(value) : super[Symbol.hasInstance](value)
  }
}
