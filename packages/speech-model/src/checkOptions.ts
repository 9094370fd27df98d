import { EmoError } from '@emo/errors'
import { describe } from './describe.ts'

/**
 * Refuses options that are no object: they would be read as none, or break. Throws `OPTIONS_NOT_OBJECT`.
 *
 * @param wanted - an example
 */
export function checkOptions(options: unknown, wanted: string): void {
  if (typeof options === 'object' && options !== null) return
  throw new EmoError('OPTIONS_NOT_OBJECT', `options is ${describe(options)}; give an object, e.g. ${wanted}`, { details: { options } })
}
