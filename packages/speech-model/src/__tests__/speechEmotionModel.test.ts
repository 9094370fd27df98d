import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { resample } from '@emo/dsp'
import { EMOTIONS } from '@emo/datasets'
import { tf } from '@emo/runtime'
import { SpeechEmotionModel, type SpeechPrediction } from '../index.ts'
import { clipNames, noise, readClip, vowel } from './audio.ts'

let model: SpeechEmotionModel
beforeAll(async () => {
  model = await SpeechEmotionModel.load()
})
afterAll(() => model.dispose())

const sum = (prediction: SpeechPrediction) => Object.values(prediction.scores).reduce((total, value) => total + value, 0)

function expectClose(a: SpeechPrediction, b: SpeechPrediction, tolerance: number): void {
  for (const emotion of EMOTIONS) expect(Math.abs(a.scores[emotion] - b.scores[emotion])).toBeLessThan(tolerance)
}

describe('real recordings', () => {
  test('whole numbers of 32 bits, unscaled, get the same answer', async () => {
    const { samples, sampleRate } = await readClip(clipNames[0])
    const scaled = samples.map((value) => Math.round(value * 2 ** 31))
    expectClose(model.predict({ samples: scaled, sampleRate }), model.predict({ samples, sampleRate }), 1e-4)
  })

  test.each(clipNames)('%s: a whole answer', async (name) => {
    const answer = model.predict(await readClip(name))
    expect(answer.speech).toBe(true)
    expect(EMOTIONS).toContain(answer.emotion)
    expect(Object.keys(answer.scores)).toEqual([...EMOTIONS])
    expect(sum(answer)).toBeCloseTo(1, 5)
    expect(answer.confidence).toBe(Math.max(...Object.values(answer.scores)))
    expect(answer.scores[answer.emotion!]).toBe(answer.confidence)
    expect(answer.uncertain).toBe(answer.confidence < model.uncertainBelow)
  })

  test.each(clipNames)('%s: 12 dB more or less change nothing', async (name) => {
    const { samples, sampleRate } = await readClip(name)
    const answer = model.predict({ samples, sampleRate })
    for (const gain of [0.25, 4]) {
      const scaled = model.predict({ samples: samples.map((value) => gain * value), sampleRate })
      expect(scaled.emotion).toBe(answer.emotion)
      expectClose(scaled, answer, 0.001)
    }
  })

  test.each([22050, 44100, 48000])('the same clip at %i Hz gets nearly the same answer', async (rate) => {
    const { samples, sampleRate } = await readClip(clipNames[0])
    const answer = model.predict({ samples, sampleRate })
    expectClose(model.predict({ samples: resample(samples, { from: sampleRate, to: rate }), sampleRate: rate }), answer, 0.02)
  })

  test('a batch gives the answers of one call each', async () => {
    const clips = await Promise.all(clipNames.map(readClip))
    const batch = model.predictBatch(clips)
    clips.forEach((clip, i) => {
      const single = model.predict(clip)
      expect(batch[i].emotion).toBe(single.emotion)
      expectClose(batch[i], single, 1e-4)
    })
    expect(model.predictBatch([])).toEqual([])
  })

  test('the same call gives the same answer', async () => {
    const clip = await readClip(clipNames[1])
    expect(model.predict(clip)).toEqual(model.predict(clip))
  })

  test('0.2 s are enough', async () => {
    const { samples, sampleRate } = await readClip(clipNames[1])
    const answer = model.predict({ samples: samples.subarray(sampleRate, 1.2 * sampleRate), sampleRate })
    expect(sum(answer)).toBeCloseTo(1, 5)
  })

  test('says how far it is, window by window, recording by recording', async () => {
    const input = await readClip(clipNames[0])
    const samples = new Float32Array(4 * input.samples.length)
    for (let i = 0; i < 4; i++) samples.set(input.samples, i * input.samples.length)
    const steps: number[] = []
    const answer = model.predict({ ...input, samples }, { onProgress: (done) => steps.push(done) })
    expect(answer).toEqual(model.predict({ ...input, samples }))
    expect(steps.length).toBeGreaterThan(1)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(steps.at(-1)).toBe(1)
    const halves: number[] = []
    model.predictBatch([input, input], { onProgress: (done) => halves.push(done) })
    expect(halves).toEqual([0.5, 1])
  })

  test('a long recording is pooled over its windows, pauses left out', async () => {
    const { samples, sampleRate } = await readClip(clipNames[1])
    const repeats = 12
    const pause = 6 * sampleRate
    const spoken = new Float32Array(repeats * samples.length + pause)
    for (let i = 0; i < repeats; i++) spoken.set(samples, i * samples.length + (i < repeats / 2 ? 0 : pause))
    const answer = model.predict({ samples: spoken, sampleRate })
    expect(answer.speech).toBe(true)
    expect(sum(answer)).toBeCloseTo(1, 5)
    expect(answer.voicedSeconds).toBeGreaterThan(model.predict({ samples, sampleRate }).voicedSeconds * repeats * 0.8)
  })
})

describe('no speech is said, not guessed', () => {
  test.each([
    ['digital silence', new Float32Array(32000)],
    ['DC', new Float32Array(32000).fill(0.4)],
    ['white noise', noise(2, 16000, 0.3)],
    ['faint noise', noise(2, 16000, 1e-4)],
    ['mains hum', Float32Array.from({ length: 32000 }, (_, i) => 0.2 * Math.sin((2 * Math.PI * 50 * i) / 16000))],
    ['ten seconds of noise', noise(10, 16000, 0.3)],
  ])('%s', (_name, samples) => {
    const answer = model.predict({ samples, sampleRate: 16000 })
    expect(answer).toMatchObject({ emotion: null, confidence: 0, speech: false, uncertain: true })
    for (const emotion of EMOTIONS) expect(answer.scores[emotion]).toBe(1 / 8)
  })
})

describe('one channel is not taken for two', () => {
  const waves: Record<string, (turns: number) => number> = {
    square: (turns) => (turns % 1 < 0.5 ? 0.3 : -0.3),
    sawtooth: (turns) => 0.6 * (turns % 1) - 0.3,
    sine: (turns) => 0.3 * Math.sin(2 * Math.PI * turns + 0.8),
  }
  test.each([8000, 16000, 48000])('square, sawtooth and stepped waves, and a beep at a quarter of the rate, %i Hz', (sampleRate) => {
    const made = (wave: (turns: number) => number, frequency: number, hold = 1) =>
      Float32Array.from({ length: 2 * sampleRate }, (_, i) => wave((frequency * (i - (i % hold))) / sampleRate))
    for (const frequency of [100, 125, 200, 250]) {
      for (const wave of [waves.square, waves.sawtooth])
        expect(model.predict({ samples: made(wave, frequency), sampleRate })).toHaveProperty('emotion')
    }
    expect(model.predict({ samples: made(waves.sine, sampleRate / 4), sampleRate })).toHaveProperty('emotion')
    expect(model.predict({ samples: made(waves.sine, 200, 8), sampleRate })).toHaveProperty('emotion')
  })
})

describe('bad input is refused with a code', () => {
  const good = new Float32Array(16000)
  const stereo = () => {
    const voice = vowel(1, 16000, 140, [600, 1200])
    return Float32Array.from({ length: 2 * voice.length }, (_, i) => voice[i >> 1] * (i % 2 === 0 ? 1 : 0.9))
  }
  test.each<[string, () => unknown, string]>([
    ['10 ms', () => ({ samples: new Float32Array(160), sampleRate: 16000 }), 'AUDIO_TOO_SHORT'],
    ['nothing', () => ({ samples: new Float32Array(0), sampleRate: 16000 }), 'AUDIO_TOO_SHORT'],
    ['NaN', () => ({ samples: good.map((_, i) => (i === 9000 ? NaN : 0)), sampleRate: 16000 }), 'AUDIO_NOT_FINITE'],
    ['infinity', () => ({ samples: good.map((_, i) => (i === 15999 ? Infinity : 0)), sampleRate: 16000 }), 'AUDIO_NOT_FINITE'],
    ['a plain array', () => ({ samples: [0, 0, 0], sampleRate: 16000 }), 'AUDIO_INVALID'],
    ['16-bit integers', () => ({ samples: new Int16Array(16000), sampleRate: 16000 }), 'AUDIO_INVALID'],
    ['no samples', () => ({ sampleRate: 16000 }), 'AUDIO_INVALID'],
    ['null', () => null, 'AUDIO_INVALID'],
    ['a list of channels', () => ({ samples: [good, good], sampleRate: 16000 }), 'AUDIO_NOT_MONO'],
    ['two interleaved channels', () => ({ samples: stereo(), sampleRate: 16000 }), 'AUDIO_NOT_MONO'],
    ['a rate as text', () => ({ samples: good, sampleRate: '16000' }), 'SAMPLE_RATE_INVALID'],
    ['no rate', () => ({ samples: good }), 'SAMPLE_RATE_INVALID'],
    ['kHz for Hz', () => ({ samples: good, sampleRate: 16 }), 'SAMPLE_RATE_INVALID'],
    ['a negative rate', () => ({ samples: good, sampleRate: -16000 }), 'SAMPLE_RATE_INVALID'],
    ['half a hertz', () => ({ samples: good, sampleRate: 44100.5 }), 'SAMPLE_RATE_INVALID'],
    [
      'samples of 1e18',
      () => ({ samples: vowel(1, 16000, 140, [600, 1200]).map((v) => 1e18 * v), sampleRate: 16000 }),
      'AUDIO_OUT_OF_RANGE',
    ],
    ['samples without a prototype', () => ({ samples: Object.create(null) as unknown, sampleRate: 16000 }), 'AUDIO_INVALID'],
    ['NaN as rate', () => ({ samples: good, sampleRate: NaN }), 'SAMPLE_RATE_INVALID'],
  ])('%s', (_name, input, code) => {
    expect(() => model.predict(input() as never)).toThrow(expect.objectContaining({ code }) as Error)
  })

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['one recording', { samples: good, sampleRate: 16000 }],
    ['samples', good],
  ])('no list of recordings: %s', (_name, inputs) => {
    expect(() => model.predictBatch(inputs as never)).toThrow(expect.objectContaining({ code: 'AUDIO_INVALID' }) as Error)
  })

  test.each<[unknown, string]>([
    [undefined, 'sampleRate is undefined; '],
    [null, 'sampleRate is null; '],
    ['16000', 'sampleRate is the string "16000"; '],
    [{}, 'sampleRate is Object; '],
  ])('a rate of %j is named in the message', (sampleRate, message) => {
    expect(() => model.predict({ samples: good, sampleRate } as never)).toThrow(message)
  })

  test.each(clipNames)('%s as two interleaved channels, one a little quieter', async (name) => {
    const { samples, sampleRate } = await readClip(name)
    for (const gain of [1, 0.9]) {
      const interleaved = Float32Array.from({ length: 2 * samples.length }, (_, i) => (i % 2 === 0 ? 1 : gain) * samples[i >> 1])
      expect(() => model.predict({ samples: interleaved, sampleRate })).toThrow(
        expect.objectContaining({ code: 'AUDIO_NOT_MONO' }) as Error,
      )
    }
  })

  test('whatever the samples, the answer is whole or the error has a code', () => {
    fc.assert(
      fc.property(
        fc.float32Array({ minLength: 0, maxLength: 6000 }),
        fc.oneof(fc.integer({ min: -10, max: 200_000 }), fc.double()),
        (samples, sampleRate) => {
          try {
            const answer = model.predict({ samples, sampleRate })
            expect(sum(answer)).toBeCloseTo(1, 4)
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^(AUDIO|SAMPLE_RATE)_/) as string })
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('memory', () => {
  test('1,000 predictions leave no tensor behind', async () => {
    const { samples, sampleRate } = await readClip(clipNames[0])
    const short = { samples: samples.subarray(8000, 8000 + 0.25 * sampleRate), sampleRate }
    model.predict(short)
    const before = tf.memory()
    for (let i = 0; i < 1000; i++) model.predict(short)
    expect(tf.memory().numTensors).toBe(before.numTensors)
    expect(tf.memory().numBytes).toBe(before.numBytes)
  })

  test('disposing gives back every tensor', async () => {
    const before = tf.memory().numTensors
    const other = await SpeechEmotionModel.load({ weights: 'paper' })
    expect(tf.memory().numTensors).toBeGreaterThan(before)
    other.predict(await readClip(clipNames[0]))
    other.dispose()
    other.dispose()
    expect(tf.memory().numTensors).toBe(before)
    const silence = { samples: new Float32Array(16000), sampleRate: 16000 }
    for (const call of [() => other.predict(silence), () => other.extractFeatures(silence), () => other.createStream(silence)])
      expect(call).toThrow(expect.objectContaining({ code: 'MODEL_DISPOSED' }) as Error)
    await expect(other.save()).rejects.toMatchObject({ code: 'MODEL_DISPOSED' })
  })
})
