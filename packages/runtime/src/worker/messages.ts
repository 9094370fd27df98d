/** Methods that a worker answers, by name. */
export type RemoteMethods<Methods> = { readonly [Method in keyof Methods]: { readonly argument: unknown; readonly answer: unknown } }

/** How far a request is, for those that take long. */
export type ReportProgress = (loaded: number, total: number | undefined) => void

/** A request on its way. */
export interface RequestMessage {
  readonly id: number
  readonly method: string
  readonly argument: unknown
}

/** An error on its way: classes do not survive it. */
export interface ErrorMessage {
  readonly code: string
  readonly message: string
  /** Left out where they cannot be cloned. */
  readonly details?: Readonly<Record<string, unknown>>
  /** Whether it is an `EmoRangeError`. */
  readonly range: boolean
}

/** Its answer: the result, or an error; before that, progress. */
export type AnswerMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorMessage }
  | { readonly id: number; readonly progress: { readonly loaded: number; readonly total: number | undefined } }
