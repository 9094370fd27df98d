import { EmoRangeError } from '@emo/errors'

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** The largest finite float16. */
const maximum = 65504

/**
 * Rounds float32 numbers to IEEE 754 binary16, to the nearest, ties to even.
 *
 * @returns the bit patterns, in the layout that TensorFlow.js' `float16` quantisation reads
 * @throws {@link EmoRangeError} `FLOAT16_RANGE` for NaN and for values beyond 65504: weights like that are broken
 */
export function encodeFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const encoded = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) {
    // 65520 is where rounding to nearest would give infinity.
    if (!(Math.abs(values[i]) < 65520)) {
      throw new EmoRangeError('FLOAT16_RANGE', `value ${values[i]} at index ${i} does not fit float16 (at most ${maximum} in magnitude)`, {
        details: { index: i, value: values[i] },
      })
    }
    encoded[i] = encodeOne(values[i])
  }
  return encoded
}

function encodeOne(value: number): number {
  float[0] = value
  const sign = (bits[0] >>> 16) & 0x8000
  const exponent = (bits[0] >>> 23) & 0xff
  if (exponent < 102) return sign // below half of the smallest subnormal
  const mantissa = (bits[0] & 0x7fffff) | 0x800000
  // Normal numbers lose 13 bits of mantissa; subnormal ones (exponent below 2^-14) one more a binade.
  const shift = exponent > 112 ? 13 : 126 - exponent
  const half = 1 << (shift - 1)
  let rounded = mantissa >>> shift
  const rest = mantissa & ((1 << shift) - 1)
  if (rest > half || (rest === half && (rounded & 1) === 1)) rounded++
  // The implicit bit of a normal number adds 1 to the exponent, and so does a carry out of the mantissa.
  return sign | (exponent > 112 ? ((exponent - 113) << 10) + rounded : rounded)
}
