import { EmoError } from '@emo/errors'
import { describeValue } from './describeValue.ts'

/**
 * Refuses options that are no object: they would be read as none, or break.
 *
 * @param wanted - an example
 * @throws {@link EmoError} `OPTIONS_NOT_OBJECT`
 */
export function checkOptions(options: unknown, wanted: string): void {
  if (typeof options === 'object' && options !== null) return
  throw new EmoError('OPTIONS_NOT_OBJECT', `options is ${describeValue(options)}; give an object, e.g. ${wanted}`, { details: { options } })
}
