import { beforeAll, expect, it, vi } from 'vitest'
import { framePixels, reduced } from '../framePixels.ts'

/** A frame of a camera whose pixel at (x, y) is (x, y, 7). */
function frame(width: number, height: number, more: object = {}): VideoFrame {
  return {
    visibleRect: { x: 0, y: 0, width, height },
    displayWidth: width,
    displayHeight: height,
    allocationSize: () => 4 * width * height,
    copyTo: (to: Uint8ClampedArray) => {
      for (let i = 0; i < width * height; i++) to.set([i % width, Math.floor(i / width), 7, 255], 4 * i)
      return Promise.resolve([])
    },
    ...more,
  } as unknown as VideoFrame
}

const drawings: number[][] = []

/** As much of an OffscreenCanvas as is used. */
class Canvas {
  constructor(
    readonly width: number,
    readonly height: number,
  ) {}
  getContext = () => ({
    drawImage: (_frame: unknown, ...place: number[]) => drawings.push(place),
    getImageData: () => ({ data: new Uint8ClampedArray(4 * this.width * this.height) }),
  })
}

beforeAll(() => {
  vi.stubGlobal('OffscreenCanvas', Canvas)
})

it('copies a picture as it is', async () => {
  const { data, width, height, channels } = await framePixels(frame(4, 3))
  expect([width, height, channels]).toEqual([4, 3, 4])
  expect([...data.subarray(4 * (2 * 4 + 3))]).toEqual([3, 2, 7, 255])
})

it('makes a large picture smaller by a whole number', async () => {
  const { width, height, data } = await framePixels(frame(1280, 720))
  expect([width, height]).toEqual([640, 360])
  expect(data.length).toBe(4 * 640 * 360)
})

it('reduces by the mean of squares and drops what is left over', () => {
  const data = new Uint8ClampedArray(4 * 5 * 2)
  for (let i = 0; i < 10; i++) data.set([10 * (i % 5) + 100 * Math.floor(i / 5), 0, 0, 255], 4 * i)
  const { width, height, data: small } = reduced({ data, width: 5, height: 2, channels: 4 }, 2)
  expect([width, height]).toEqual([2, 1])
  expect([...small]).toEqual([55, 0, 0, 255, 75, 0, 0, 255])
})

it.each([
  ['is turned', { rotation: 90 }],
  ['has pixels that are not square', { displayWidth: 6 }],
  ['is of a browser that copies luma and chroma only', { allocationSize: () => 18 }],
  ['cannot be copied', { copyTo: () => Promise.reject(new DOMException('', 'NotSupportedError')) }],
])('draws a picture that %s', async (_, more) => {
  drawings.length = 0
  const odd = frame(4, 3, more)
  const { width, height } = await framePixels(odd)
  expect(drawings).toEqual([[0, 0, odd.displayWidth, odd.displayHeight]])
  expect([width, height]).toEqual([odd.displayWidth, odd.displayHeight])
})
