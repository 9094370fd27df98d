import { expect, it } from 'vitest'
import { screenPixels } from '../screenPicture.ts'

it('makes RGBA of grey, colour and colour with alpha', () => {
  expect([...screenPixels({ data: [7, 9], width: 2, height: 1, channels: 1 }, 10).data]).toEqual([7, 7, 7, 255, 9, 9, 9, 255])
  expect([...screenPixels({ data: [1, 2, 3], width: 1, height: 1, channels: 3 }, 10).data]).toEqual([1, 2, 3, 255])
  expect([...screenPixels({ data: [1, 2, 3, 4], width: 1, height: 1, channels: 4 }, 10).data]).toEqual([1, 2, 3, 4])
})

it('reduces what no screen shows', () => {
  const data = [0, 10, 20, 30, 40, 50, 60, 70]
  expect(screenPixels({ data, width: 4, height: 2, channels: 1 }, 2)).toEqual({
    data: Uint8ClampedArray.of(25, 25, 25, 255, 45, 45, 45, 255),
    width: 2,
    height: 1,
  })
  // Long and thin: still something to see.
  expect(screenPixels({ data: new Uint8Array(100), width: 100, height: 1, channels: 1 }, 10)).toMatchObject({ width: 10, height: 1 })
})
