import { EmoError } from '@emo/errors'

/**
 * The error for an output that takes nothing: no room, no permission, no file.
 *
 * @param output - its path, or what it is
 * @returns EmoError `OUTPUT_NOT_WRITABLE`
 */
export function outputError(output: string, cause: unknown): EmoError {
  return new EmoError('OUTPUT_NOT_WRITABLE', `cannot write ${output}: ${(cause as Error).message}`, { cause })
}
