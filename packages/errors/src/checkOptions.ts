import { describeValue } from './describeValue.ts'
import { EmoError } from './emoError.ts'

/**
 * Refuses options that are no object, or a list or typed array: they would be read as none, or break.
 *
 * @param wanted - an example
 * @throws {@link EmoError} `OPTIONS_NOT_OBJECT`
 */
export function checkOptions(options: unknown, wanted: string): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options) && !ArrayBuffer.isView(options)) return
  throw new EmoError('OPTIONS_NOT_OBJECT', `options is ${describeValue(options)}; give an object, e.g. ${wanted}`, { details: { options } })
}
