import { decodeImage } from '@emo/datasets'
import { describe, expect, it } from 'vitest'
import { demoPicture } from '../scripts/demoPicture.ts'
import { palettePng } from '../scripts/palettePng.ts'
import { noBrowser } from './support/browser.ts'
import { setStage } from './support/stage.ts'

const stage = setStage()

describe.skipIf(noBrowser)('the picture in the READMEs', () => {
  it('can be made from the build, small enough for a repository', async () => {
    const picture = await demoPicture(stage.browser, stage.site.url)
    expect(picture.length).toBeLessThan(200_000)
    const { width, height, data } = await decodeImage(picture)
    expect(width).toBe(1280)
    expect(height).toBeGreaterThan(800)
    // Of the ground that the page stands on.
    expect([...data.subarray(0, 3)]).toEqual([0xfa, 0xf8, 0xf4])
  })
})

it('keeps the colours of a picture that has few', async () => {
  const data = Uint8Array.from({ length: 3 * 64 }, (_, i) => 40 * (Math.floor(i / 3) % 6))
  expect(await decodeImage(palettePng({ data, width: 8, height: 8, channels: 3 }))).toEqual({ data, width: 8, height: 8, channels: 3 })
})
