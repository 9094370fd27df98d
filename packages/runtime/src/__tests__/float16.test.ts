import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFloat16 } from '../weights/float16.ts'

/** The value of a binary16 bit pattern, by definition (IEEE 754-2008, 3.4). */
function valueOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 1023
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}

test('every finite float16 value encodes to its own bits', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const isFinite = ((bits >> 10) & 31) !== 31
    if (isFinite && encodeFloat16(Float32Array.of(valueOf(bits)))[0] !== bits) expect.fail(`bits ${bits} changed`)
  }
})

test('values between neighbours go to the nearer one, ties to the even one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0x7bfe }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (bits, fraction, negative) => {
        const low = valueOf(bits)
        const high = valueOf(bits + 1)
        const value = Math.fround(low + (high - low) * fraction)
        const middle = (low + high) / 2
        const expected = value < middle ? bits : value > middle ? bits + 1 : bits + (bits & 1)
        expect(encodeFloat16(Float32Array.of(negative ? -value : value))[0]).toBe(expected | (negative ? 0x8000 : 0))
      },
    ),
    { numRuns: 2000 },
  )
})
