import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { EMOTIONS, type Emotion } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import { tf } from '@emo/runtime'
import { SpeechEmotionModel, SpeechStream, type SpeechInput, type SpeechPrediction, type WindowPredictor } from '../index.ts'
import { noSpeech, toPrediction } from '../prediction.ts'
import { clipNames, noise, readClip } from './audio.ts'

let model: SpeechEmotionModel
let clip: SpeechInput
beforeAll(async () => {
  model = await SpeechEmotionModel.load()
  clip = await readClip(clipNames[0])
})
afterAll(() => model.dispose())

/** Answers by the window's first sample: which emotion, or nothing below 0. */
class Scripted implements WindowPredictor {
  readonly uncertainBelow = 0.5
  readonly seen: Float32Array[] = []
  predict({ samples }: SpeechInput): SpeechPrediction {
    this.seen.push(samples.slice())
    if (samples[0] < 0) return noSpeech(0)
    const scores = EMOTIONS.map((_, i) => (i === Math.round(samples[0]) ? 0.86 : 0.02))
    return toPrediction(scores, 1, this.uncertainBelow)
  }
}

describe('windows', () => {
  test('each answer is that of predict for its window', () => {
    const stream = model.createStream({ sampleRate: clip.sampleRate, hopSeconds: 0.25, smoothingSeconds: 0 })
    const answers = stream.push(clip.samples)
    expect(answers.length).toBe(1 + Math.floor((clip.samples.length - 12800) / 4000))
    for (const { start, end, window, scores } of answers) {
      const from = Math.round(start * clip.sampleRate)
      const expected = model.predict({
        samples: clip.samples.subarray(from, Math.round(end * clip.sampleRate)),
        sampleRate: clip.sampleRate,
      })
      expect(window).toEqual(expected)
      for (const emotion of EMOTIONS) expect(scores[emotion]).toBeCloseTo(expected.scores[emotion], 6)
    }
    stream.close()
  })

  test('how the signal is cut into chunks does not matter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 10, max: 400 }),
        (sizes, hop) => {
          const total = sizes.reduce((sum, size) => sum + size, 0)
          const signal = Float32Array.from({ length: total }, (_, i) => (i * 7) % 8)
          const options = { sampleRate: 4000, windowSeconds: 0.2, hopSeconds: Math.max(0.01, hop / 4000) }
          const whole = new SpeechStream(new Scripted(), options).push(signal)
          const cut = new SpeechStream(new Scripted(), options)
          let at = 0
          const pieces = sizes.flatMap((size) => cut.push(signal.subarray(at, (at += size))))
          expect(pieces).toEqual(whole)
        },
      ),
    )
  })

  test('the window holds the newest samples in order, with a hop longer than the window too', () => {
    const predictor = new Scripted()
    const stream = new SpeechStream(predictor, { sampleRate: 4000, windowSeconds: 0.2, hopSeconds: 0.3 })
    const signal = Float32Array.from({ length: 4000 }, (_, i) => i / 1000)
    expect(stream.push(signal).map(({ start, end }) => [start, end])).toEqual([
      [0, 0.2],
      [0.3, 0.5],
      [0.6, 0.8],
    ])
    expect(Array.from(predictor.seen[1])).toEqual(Array.from(signal.subarray(1200, 2000)))
  })
})

describe('smoothing and pauses', () => {
  const options = { sampleRate: 4000, windowSeconds: 0.2, hopSeconds: 0.2, smoothingSeconds: 0.5 }
  const window = (value: number) => new Float32Array(800).fill(value)
  const emotionsOf = (stream: SpeechStream, values: number[]): (Emotion | null)[] =>
    values.map((value) => stream.push(window(value))[0].emotion)

  test('one stray window does not turn the answer, several do', () => {
    const stream = new SpeechStream(new Scripted(), options)
    expect(emotionsOf(stream, [5, 5, 5, 0, 5, 5])).toEqual(Array(6).fill('happiness'))
    expect(emotionsOf(stream, [0, 0, 0, 0]).at(-1)).toBe('anger')
  })

  test('no speech is said at once and ends the average', () => {
    const stream = new SpeechStream(new Scripted(), options)
    expect(emotionsOf(stream, [5, 5, -1, 0])).toEqual(['happiness', 'happiness', null, 'anger'])
  })

  test('scores sum to 1 and the confidence is the largest', () => {
    const stream = new SpeechStream(new Scripted(), options)
    for (const value of [1, 2, 3, -1, 4]) {
      const [answer] = stream.push(window(value))
      const scores = Object.values(answer.scores)
      expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 9)
      if (answer.speech) expect(answer.confidence).toBe(Math.max(...scores))
    }
  })

  test('reset forgets', () => {
    const stream = new SpeechStream(new Scripted(), options)
    stream.push(window(5))
    stream.reset()
    const [answer] = stream.push(window(0))
    expect(answer).toMatchObject({ emotion: 'anger', start: 0, end: 0.2 })
    expect(answer.scores.anger).toBeCloseTo(0.86, 9)
  })
})

describe('a window that is refused', () => {
  const options = { sampleRate: 4000, windowSeconds: 0.2, hopSeconds: 0.2, smoothingSeconds: 0 }
  const refusing = (code: string) =>
    new (class extends Scripted {
      override predict(input: SpeechInput): SpeechPrediction {
        if (input.samples[0] === 9) throw new EmoError(code, 'as asked')
        return super.predict(input)
      }
    })()
  const signal = (...values: number[]) => Float32Array.from({ length: 800 * values.length }, (_, i) => values[Math.floor(i / 800)])

  test('as two channels counts as one without speech; answers before and after it are kept', () => {
    const answers = new SpeechStream(refusing('AUDIO_NOT_MONO'), options).push(signal(5, 9, 0))
    expect(answers.map(({ emotion, start, refused }) => [emotion, start, refused])).toEqual([
      ['happiness', 0, undefined],
      [null, 0.2, 'AUDIO_NOT_MONO'],
      ['anger', 0.4, undefined],
    ])
  })

  test('for another reason stops its own push only', () => {
    const stream = new SpeechStream(refusing('MODEL_DISPOSED'), options)
    expect(() => stream.push(signal(9))).toThrow(expect.objectContaining({ code: 'MODEL_DISPOSED' }) as Error)
    expect(stream.push(signal(5))).toMatchObject([{ emotion: 'happiness', start: 0.2 }])
  })

  test('for its interleaved channels: the same stream answers what comes in one channel', () => {
    const stream = model.createStream({ sampleRate: clip.sampleRate })
    const spoken = clip.samples.subarray(8000, 24000)
    const pairs = Float32Array.from({ length: 2 * spoken.length }, (_, i) => spoken[i >> 1])
    expect(stream.push(pairs).map(({ refused }) => refused)).toContain('AUDIO_NOT_MONO')
    const after = stream.push(spoken)
    expect(after).toHaveLength(5)
    expect(after.at(-1)).toMatchObject({ speech: true, window: model.predict({ ...clip, samples: spoken.subarray(-12800) }) })
    stream.close()
  })

  test('before it is taken in, as its samples are impossible, is forgotten', () => {
    const stream = new SpeechStream(new Scripted(), options)
    for (const impossible of [NaN, 1e18]) expect(() => stream.push(signal(5, impossible))).toThrow(EmoError)
    expect(stream.push(signal(5, 5)).map(({ start }) => start)).toEqual([0, 0.2])
  })

  test('is none for the shortest window at any rate', () => {
    // 0.2 s are 2222.2 samples.
    const stream = model.createStream({ sampleRate: 11111, windowSeconds: 0.2 })
    expect(stream.push(new Float32Array(2223))).toHaveLength(1)
    stream.close()
  })
})

test('silence and noise give no emotion', () => {
  const stream = model.createStream({ sampleRate: 48000 })
  for (const samples of [new Float32Array(96000), noise(2, 48000, 0.2)]) {
    const answers = stream.push(samples)
    expect(answers.length).toBeGreaterThan(0)
    for (const answer of answers) expect(answer).toMatchObject({ emotion: null, speech: false, confidence: 0 })
  }
  stream.close()
})

test.each<[string, () => unknown, string]>([
  ['no options', () => model.createStream(undefined as never), 'OPTIONS_NOT_OBJECT'],
  ['a rate for the options', () => model.createStream(48000 as never), 'OPTIONS_NOT_OBJECT'],
  ['no rate', () => model.createStream({} as never), 'SAMPLE_RATE_INVALID'],
  ['half a hertz', () => model.createStream({ sampleRate: 44100.5 }), 'SAMPLE_RATE_INVALID'],
  ['a window too short', () => model.createStream({ sampleRate: 16000, windowSeconds: 0.1 }), 'SECONDS_INVALID'],
  ['no hop', () => model.createStream({ sampleRate: 16000, hopSeconds: 0 }), 'SECONDS_INVALID'],
  ['NaN as smoothing', () => model.createStream({ sampleRate: 16000, smoothingSeconds: NaN }), 'SECONDS_INVALID'],
  ['NaN in a chunk', () => model.createStream({ sampleRate: 16000 }).push(new Float32Array([NaN])), 'AUDIO_NOT_FINITE'],
  ['a chunk of the wrong type', () => model.createStream({ sampleRate: 16000 }).push([0] as never), 'AUDIO_INVALID'],
  [
    'a closed stream',
    () => {
      const stream = model.createStream({ sampleRate: 16000 })
      stream.close()
      stream.close()
      return stream.push(new Float32Array(1))
    },
    'STREAM_CLOSED',
  ],
])('%s is refused with a code', (_name, call, code) => {
  expect(call).toThrow(expect.objectContaining({ code }) as Error)
})

test('1,000 opened and closed streams leave no tensor behind', () => {
  const before = tf.memory().numTensors
  for (let i = 0; i < 1000; i++) {
    const stream = model.createStream({ sampleRate: clip.sampleRate, windowSeconds: 0.3 })
    stream.push(clip.samples.subarray(8000, 8000 + 4800))
    stream.close()
  }
  expect(tf.memory().numTensors).toBe(before)
})
