import { describe, expect, it, vi } from 'vitest'
import { Predictor, type PredictorSources } from '../predictor.ts'

const AUDIO = { name: 'wav', kind: 'audio' } as const
const IMAGE = { name: 'png', kind: 'image' } as const
const happy = { emotion: 'happiness', confidence: 0.9, scores: { happiness: 0.9, neutral: 0.1 }, uncertain: false } as const
const sad = { emotion: 'sadness', confidence: 0.4, scores: { sadness: 0.4, fear: 0.3, neutral: 0.3 }, uncertain: true } as const

/** Stand-ins: which model is asked for what is the point here. */
function sources(
  image = { width: 300, height: 200 },
  faces = [
    { box: { x: 0, y: 0, width: 10, height: 10 }, ...sad },
    { box: { x: 50, y: 5, width: 60, height: 60 }, ...happy },
  ],
) {
  const face = { predict: vi.fn(() => sad), detect: vi.fn(() => faces) }
  const speech = {
    predict: vi.fn(
      () => happy as (Omit<typeof happy, 'uncertain'> & { uncertain: boolean }) | { emotion: null; confidence: number; scores: object },
    ),
  }
  return {
    face,
    speech,
    all: {
      decodeAudio: () => Promise.resolve({ samples: new Float32Array(8), sampleRate: 8000 }),
      decodeImage: () => Promise.resolve({ data: new Uint8Array(image.width * image.height), channels: 1, ...image }),
      loadSpeechModel: vi.fn(() => Promise.resolve(speech)),
      loadFaceModel: vi.fn<PredictorSources['loadFaceModel']>(() => Promise.resolve(face)),
    } satisfies PredictorSources,
  }
}

describe('Predictor', () => {
  it('loads only the model that a file needs, once', async () => {
    const { all } = sources()
    const predictor = new Predictor(all)
    await predictor.answer(new Uint8Array(1), AUDIO, 'a.wav')
    await predictor.answer(new Uint8Array(1), AUDIO, 'b.wav')
    expect(all.loadSpeechModel).toHaveBeenCalledTimes(1)
    expect(all.loadFaceModel).not.toHaveBeenCalled()
  })

  it('answers for the largest face and reports all of them, largest first', async () => {
    const answer = await new Predictor(sources().all).answer(new Uint8Array(1), IMAGE, 'a.png')
    expect(answer).toMatchObject({ modality: 'face', emotion: 'happiness' })
    expect(answer.faces?.map((face) => face.box.width)).toEqual([60, 10])
  })

  it('takes a small picture for a face, and any picture with crops', async () => {
    for (const [size, options] of [
      [{ width: 48, height: 48 }, {}],
      [{ width: 500, height: 400 }, { crops: true }],
    ] as const) {
      const { all, face } = sources(size)
      const answer = await new Predictor(all, options).answer(new Uint8Array(1), IMAGE, 'a.png')
      expect(answer.faces).toEqual([{ box: { x: 0, y: 0, ...size }, ...sad }])
      expect(face.detect).not.toHaveBeenCalled()
    }
  })

  it('looks for faces in small pictures, too, without crops, and refuses those that can show none', async () => {
    const { all, face } = sources({ width: 48, height: 48 })
    expect((await new Predictor(all, { crops: false }).answer(new Uint8Array(1), IMAGE, 'a.png')).faces).toHaveLength(2)
    expect(face.predict).not.toHaveBeenCalled()
    for (const [width, height] of [
      [15, 15],
      [1, 3000],
    ]) {
      await expect(new Predictor(sources({ width, height }).all).answer(new Uint8Array(1), IMAGE, 'a.png')).rejects.toMatchObject({
        code: 'IMAGE_TOO_SMALL',
        message: `${width} by ${height} pixels; a face needs at least 16 by 16`,
      })
    }
  })

  it('asks for a face model that looks twice', async () => {
    const { all } = sources()
    await new Predictor(all, { mirrored: true }).answer(new Uint8Array(1), IMAGE, 'a.png')
    expect(all.loadFaceModel).toHaveBeenCalledWith({ mirrored: true })
  })

  it('passes on whether a model is unsure, of a voice, a face and each of several', async () => {
    const { all, speech } = sources()
    expect(await new Predictor(all).answer(new Uint8Array(1), IMAGE, 'a.png')).toMatchObject({
      uncertain: false,
      faces: [{ uncertain: false }, { uncertain: true }],
    })
    expect(await new Predictor(all, { crops: true }).answer(new Uint8Array(1), IMAGE, 'a.png')).toMatchObject({ uncertain: true })
    expect(await new Predictor(all).answer(new Uint8Array(1), AUDIO, 'a.wav')).toMatchObject({ uncertain: false })
    speech.predict.mockReturnValue({ ...happy, uncertain: true })
    expect(await new Predictor(all).answer(new Uint8Array(1), AUDIO, 'a.wav')).toMatchObject({ uncertain: true })
  })

  it('says so when there is no face, or no voice', async () => {
    await expect(new Predictor(sources(undefined, []).all).answer(new Uint8Array(1), IMAGE, 'a.png')).rejects.toMatchObject({
      code: 'FACE_NOT_FOUND',
    })
    const { all, speech } = sources()
    speech.predict.mockReturnValue({ emotion: null, confidence: 0, scores: {} })
    await expect(new Predictor(all).answer(new Uint8Array(1), AUDIO, 'a.wav')).rejects.toMatchObject({ code: 'SPEECH_NOT_FOUND' })
  })
})
