import { readFileSync } from 'node:fs'
import { decodeImage } from '@emo/datasets'
import { FaceEmotionModel, type FacePrediction } from '@emo/face-model'
import { createServer, searchForWorkspaceRoot } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PictureAnswers } from './pictures/page.ts'
import { launch, noBrowser, path } from './support/browser.ts'

/** Where `pictures/page.ts` cuts the face out. */
const face = { x: 161, y: 77, width: 124, height: 116 }

/** The page of `pictures`, with the built packages, opened in Chromium. */
async function answersInBrowser(): Promise<PictureAnswers> {
  const server = await createServer({
    configFile: false,
    root: path('pictures'),
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, hmr: false, fs: { allow: [searchForWorkspaceRoot(path('.'))] } },
  })
  await server.listen()
  const browser = await launch()
  try {
    const page = await browser.newPage()
    const address = server.httpServer?.address()
    if (typeof address !== 'object' || address === null) throw new Error('the server has no address')
    await page.goto(`http://127.0.0.1:${address.port}/`)
    // The first visit may reload the page when Vite finds more dependencies.
    const handle = await page.waitForFunction(() => (globalThis as { answer?: unknown }).answer, undefined, { timeout: 300_000 })
    const { answer, error } = (await handle.jsonValue()) as { answer?: PictureAnswers; error?: string }
    if (answer === undefined) throw new Error(`the page failed: ${error}`)
    return answer
  } finally {
    await browser.close()
    await server.close()
  }
}

function difference(a: FacePrediction, b: FacePrediction): number {
  return Math.max(...Object.entries(a.scores).map(([name, score]) => Math.abs(score - b.scores[name as keyof typeof b.scores])))
}

describe.skipIf(noBrowser)('pictures of every kind in a browser', () => {
  let answers: PictureAnswers
  let model: FaceEmotionModel
  beforeAll(async () => {
    ;[answers, model] = await Promise.all([answersInBrowser(), FaceEmotionModel.load({ detector: { minFaceSize: 48 } })])
  }, 400_000)
  afterAll(() => {
    // Not there when the page failed.
    ;(model as FaceEmotionModel | undefined)?.dispose()
  })

  it('get the answer of the same pixels in Node', async () => {
    const { data, width, height, channels } = await decodeImage(readFileSync(path('../../face-model/src/__tests__/photos/astronaut.png')))
    const rows = Array.from({ length: face.height }, (_, row) => {
      const start = ((face.y + row) * width + face.x) * channels
      return Array.from(data.subarray(start, start + face.width * channels))
    })
    const predicted = model.predict({ data: Uint8Array.from(rows.flat()), width: face.width, height: face.height, channels })
    const detected = model.detect({ data, width, height, channels })
    expect(detected).toHaveLength(1)
    expect(Object.keys(answers.kinds)).toHaveLength(9)
    for (const [kind, answer] of Object.entries(answers.kinds)) {
      // A video's pixels went through another colour space, with half of the resolution for colours.
      const [score, pixels] = kind === 'video' ? [0.03, 2] : [0.002, 0.1]
      expect(
        answer.detected.map(({ emotion }) => emotion),
        kind,
      ).toEqual([detected[0].emotion])
      expect(difference(answer.detected[0], detected[0]), `${kind}, detected`).toBeLessThan(score)
      for (const side of ['x', 'y', 'width', 'height'] as const) {
        expect(Math.abs(answer.detected[0].box[side] - detected[0].box[side]), `${kind}, ${side}`).toBeLessThan(pixels)
      }
      expect(answer.predicted.emotion, kind).toBe(predicted.emotion)
      expect(difference(answer.predicted, predicted), `${kind}, predicted`).toBeLessThan(score)
    }
  })

  it('are refused with a code when there is nothing to read', () => {
    expect(answers.refused).toEqual({
      'img without a source': 'IMAGE_EMPTY',
      'video without a source': 'IMAGE_EMPTY',
      'canvas without pixels': 'IMAGE_EMPTY',
      'ImageBitmap that is closed': 'IMAGE_EMPTY',
      'img of another site': 'IMAGE_CROSS_ORIGIN',
      'canvas with a picture of another site': 'IMAGE_CROSS_ORIGIN',
    })
  })
})
