import { expect, it } from 'vitest'
import { ownBuffer } from '../ownBuffer.ts'

it('copies what is a part of a larger buffer, whatever its type, and nothing else', () => {
  const memory = Float64Array.from({ length: 10 }, (_, i) => i).buffer
  for (const Type of [Uint8Array, Int16Array, Float32Array, Float64Array]) {
    const part = new Type(memory, 8, 3)
    const own = ownBuffer(part)
    expect(own).toEqual(part)
    expect(own).toBeInstanceOf(Type)
    expect(own.buffer.byteLength).toBe(part.byteLength)
  }
  const part = Buffer.from(memory, 3, 5)
  expect(Buffer.from(ownBuffer(part))).toEqual(part)
  expect(ownBuffer(part).buffer.byteLength).toBe(5)
  for (const whole of [new Uint8Array(memory), [1, 2], null, undefined, 'x', new DataView(memory, 8)]) expect(ownBuffer(whole)).toBe(whole)
})
