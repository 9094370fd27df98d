import type { ImageInput } from '@emo/face-model'
import { expect, it } from 'vitest'
import { FollowingDetector } from '../followingDetector.ts'

/** A textured picture, moved. */
function picture(shift: number): { data: Uint8ClampedArray; width: number; height: number; channels: 1 } {
  const width = 200
  const height = 150
  const data = new Uint8ClampedArray(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      data[y * width + x] = 128 + 60 * Math.sin((x - shift) / 5) * Math.cos(y / 6) + 40 * Math.sin((x - shift + y) / 9)
  }
  return { data, width, height, channels: 1 }
}

const box = { x: 60, y: 40, width: 70, height: 70 }

function counting() {
  const detector = { looks: 0, detect: (image: ImageInput) => (detector.looks++, image ? [{ box, score: 0.9 }] : []) }
  return detector
}

it('moves a face with the picture between two looks', () => {
  const detector = counting()
  const following = new FollowingDetector(detector)
  expect(following.detect(picture(0))).toEqual([{ box, score: 0.9 }])
  const first = following.detect(picture(2), { near: [box] })
  expect(first[0].box.x).toBeCloseTo(62, 0)
  expect(first[0].box.y).toBeCloseTo(40, 0)
  const second = following.detect(picture(4), { near: [first[0].box] })
  expect(second[0].box.x).toBeCloseTo(64, 0)
  expect(detector.looks).toBe(1)
  following.detect(picture(5), { near: [box] })
  following.detect(picture(6), { near: [box] })
  expect(detector.looks, 'every fourth picture is looked at').toBe(2)
})

it('looks at once where the face is lost, unknown, or not asked for', () => {
  const detector = counting()
  const following = new FollowingDetector(detector)
  following.detect(picture(0))
  following.detect({ data: new Uint8ClampedArray(200 * 150), width: 200, height: 150, channels: 1 }, { near: [box] })
  expect(detector.looks).toBe(2)
  following.detect(picture(0), { near: [box, box] })
  expect(detector.looks).toBe(3)
  following.detect(picture(0))
  expect(detector.looks).toBe(4)
})
