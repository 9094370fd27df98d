import { expect, it } from 'vitest'
import { spectrogramPicture } from '../spectrogramPicture.ts'

const RATE = 16_000
const tone = (level: number) => Float32Array.from({ length: RATE }, (_, i) => level * Math.sin((2 * Math.PI * 440 * i) / RATE))
const brightest = (samples: Float32Array) => Math.max(...spectrogramPicture(samples, RATE, 100).data)

it('draws digital silence black, not as the loudest', () => {
  expect(brightest(new Float32Array(RATE))).toBe(0)
})

it('draws the loudest of a recording white, a quiet one, too', () => {
  expect(brightest(tone(0.5))).toBe(255)
  expect(brightest(tone(0.005))).toBe(255)
})
