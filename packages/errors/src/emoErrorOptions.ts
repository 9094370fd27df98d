/** What an error carries besides its message. */
export interface EmoErrorOptions extends ErrorOptions {
  /** The offending values, for programs. */
  readonly details?: Readonly<Record<string, unknown>>
}
