import { EmoError } from '@emo/errors'

/** Columns of a panel of the kernels that multiply 16-bit integers. */
export const panelColumns = 8
/** Times 32767, the largest integer of what is multiplied, a sum of this still fits into 32 bits. */
const sumLimit = 2 ** 16

/**
 * Refuses a filter whose sums of products may not fit into 32 bits.
 *
 * @param sum - of the absolute values that one output is multiplied by
 * @param whose - `a QuantizedConvolution's filter`, say
 * @throws {@link EmoError} `CONVOLUTION_RANGE`
 */
export function checkIntegerSum(sum: number, whose: string): void {
  if (sum < sumLimit) return
  throw new EmoError('CONVOLUTION_RANGE', `The absolute values of ${whose} add up to ${sum}; less than ${sumLimit} are exact.`)
}
