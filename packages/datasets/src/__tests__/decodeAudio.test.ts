import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { decodeAudio, mixToMono, readAudio, readBytes, readImage, type Sample } from '../index.ts'
import { codeOf, wav } from './trees.ts'

const fixture = (name: string) => new Uint8Array(readFileSync(join(import.meta.dirname, 'fixtures', name)))
const reference = (await decodeAudio(fixture('clip.wav'))).channels[0]
const rms = (signal: Float32Array) => Math.sqrt(signal.reduce((sum, value) => sum + value * value, 0) / signal.length)
const CODES = ['AUDIO_EMPTY', 'AUDIO_TRUNCATED', 'AUDIO_CORRUPT', 'AUDIO_UNSUPPORTED', 'AUDIO_TOO_LONG']

/** A WAV with any format. */
function wavOf(tag: number, bits: number, channels: number, data: Uint8Array, extensible = false): Uint8Array {
  const formatSize = extensible ? 40 : 16
  const bytes = new Uint8Array(28 + formatSize + data.length)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode('RIFF....WAVEfmt '))
  view.setUint32(16, formatSize, true)
  view.setUint16(20, extensible ? 0xfffe : tag, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, 8000, true)
  view.setUint16(32, (channels * bits) / 8, true)
  view.setUint16(34, bits, true)
  if (extensible) view.setUint16(44, tag, true)
  bytes.set(new TextEncoder().encode('data'), 20 + formatSize)
  view.setUint32(24 + formatSize, data.length, true)
  bytes.set(data, 28 + formatSize)
  return bytes
}

/** Behind an ID3v2.4 tag with 200 bytes of padding, twice seven bits long. */
const tagged = (bytes: Uint8Array) => Uint8Array.of(0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 1, 72, ...new Uint8Array(200), ...bytes)

describe('decodeAudio', () => {
  it.each([
    { file: 'clip.wav', sampleRate: 16_000, error: 0 },
    { file: 'clip.flac', sampleRate: 16_000, error: 0 },
    { file: 'clip.mp3', sampleRate: 16_000, error: 0.2 },
    { file: 'clip.ogg', sampleRate: 16_000, error: 0.2 },
  ])('decodes $file to the length and sound of the original', async ({ file, sampleRate, error }) => {
    const decoded = await decodeAudio(fixture(file), { fileName: file })
    expect(decoded.sampleRate).toBe(sampleRate)
    expect(decoded.channels).toHaveLength(1)
    expect(decoded.channels[0]).toHaveLength(reference.length)
    const difference = decoded.channels[0].map((value, i) => value - reference[i])
    expect(rms(difference) / rms(reference)).toBeLessThanOrEqual(error)
  })

  it('takes what fetch and readFile give, and no path', async () => {
    const bytes = fixture('clip.wav')
    const { buffer } = bytes.slice()
    const shifted = new DataView(Uint8Array.of(0, ...bytes).buffer, 1)
    for (const given of [buffer, shifted as never]) expect((await decodeAudio(given)).channels[0]).toEqual(reference)
    for (const given of ['clip.wav', null, 5, {}, [1, 2]]) expect(await codeOf(decodeAudio(given as never))).toBe('BYTES_EXPECTED')
    await expect(decodeAudio('clip.wav' as never)).rejects.toThrow('audio: the text "clip.wav" is no file\'s bytes')
  })

  it('decodes Opus, which always is 48 kHz, to the exact length', async () => {
    const { channels, sampleRate } = await decodeAudio(fixture('clip.opus'))
    expect([channels.length, channels[0].length, sampleRate]).toEqual([1, 3 * reference.length, 48_000])
    const thinned = reference.map((_, i) => channels[0][3 * i])
    expect(rms(thinned.map((value, i) => value - reference[i])) / rms(reference)).toBeLessThan(0.5)
  })

  it('reads every kind of PCM and float wav to the same values', async () => {
    const values = [0, 0.5, -0.5, 0.25, -1]
    const data = (bytes: number, write: (view: DataView, at: number, value: number) => void) => {
      const view = new DataView(new ArrayBuffer(values.length * bytes))
      values.forEach((value, i) => write(view, i * bytes, value))
      return new Uint8Array(view.buffer)
    }
    const files = [
      wavOf(
        1,
        8,
        1,
        data(1, (view, at, value) => view.setUint8(at, 128 + value * 128)),
      ),
      wavOf(
        1,
        16,
        1,
        data(2, (view, at, value) => view.setInt16(at, value * 32_768, true)),
      ),
      wavOf(
        1,
        16,
        1,
        data(2, (view, at, value) => view.setInt16(at, value * 32_768, true)),
        true,
      ),
      wavOf(
        1,
        24,
        1,
        data(3, (view, at, value) => {
          view.setUint8(at, 0)
          view.setInt16(at + 1, value * 32_768, true)
        }),
      ),
      wavOf(
        1,
        32,
        1,
        data(4, (view, at, value) => view.setInt32(at, value * 2 ** 31, true)),
      ),
      wavOf(
        3,
        32,
        1,
        data(4, (view, at, value) => view.setFloat32(at, value, true)),
      ),
      wavOf(
        3,
        64,
        1,
        data(8, (view, at, value) => view.setFloat64(at, value, true)),
      ),
    ]
    for (const file of files) expect([...(await decodeAudio(file)).channels[0]]).toEqual(values)
    // G.711: silence and the largest values of the standard's tables.
    expect([...(await decodeAudio(wavOf(7, 8, 1, Uint8Array.of(0xff, 0x00, 0x80)))).channels[0]]).toEqual([
      0,
      -32_124 / 32_768,
      32_124 / 32_768,
    ])
    expect([...(await decodeAudio(wavOf(6, 8, 1, Uint8Array.of(0xd5, 0x2a, 0xaa)))).channels[0]]).toEqual([
      8 / 32_768,
      -32_256 / 32_768,
      32_256 / 32_768,
    ])
  })

  it('keeps channels apart', async () => {
    const { channels } = await decodeAudio(wavOf(1, 16, 2, new Uint8Array(Int16Array.of(16_384, -16_384, 8192, 0).buffer)))
    expect(channels.map((channel) => [...channel])).toEqual([
      [0.5, 0.25],
      [-0.5, 0],
    ])
    expect([...mixToMono(channels)]).toEqual([0, 0.125])
  })

  it('takes the sizes of writers that stream', async () => {
    const bytes = wav(5, 10)
    // FFmpeg, SoX (whole frames of up to 2 GiB less a page), arecord, and what others leave for the header.
    for (const size of [0, 0xffffffff, 0x7ffff000, 0x7fffeffa, 0x80000000, 0xffffffdb]) {
      new DataView(bytes.buffer).setUint32(40, size, true)
      expect((await decodeAudio(bytes)).channels[0]).toHaveLength(10)
    }
    for (const size of [21, 0x70000000, 0x90000000]) {
      new DataView(bytes.buffer).setUint32(40, size, true)
      expect(await codeOf(decodeAudio(bytes))).toBe('AUDIO_TRUNCATED')
    }
  })

  it.each(['RF64', 'BW64'])('reads the sizes of %s, which stand apart', async (form) => {
    const plain = wav(5, 10)
    const bytes = new Uint8Array(plain.length + 36 + 8)
    const view = new DataView(bytes.buffer)
    bytes.set(plain.subarray(0, 12))
    bytes.set(new TextEncoder().encode(form))
    bytes.set(new TextEncoder().encode('ds64'), 12)
    view.setUint32(16, 28, true)
    view.setBigUint64(28, 20n, true)
    bytes.set(plain.subarray(12), 48)
    view.setUint32(48 + 28, 0xffffffff, true)
    // A chunk behind the sound is none of it.
    bytes.set(new TextEncoder().encode('LIST'), 48 + plain.length - 12)
    expect(await decodeAudio(bytes)).toEqual(await decodeAudio(plain))
    view.setBigUint64(28, 2n ** 64n - 1n, true)
    expect((await decodeAudio(bytes)).channels[0]).toHaveLength(14)
    view.setBigUint64(28, 2n ** 33n, true)
    expect(await codeOf(decodeAudio(bytes))).toBe('AUDIO_TRUNCATED')
  })

  it.each(['clip.wav', 'clip.flac', 'clip.ogg', 'clip.opus', 'clip.mp3'])('reads %s behind ID3 tags', async (file) => {
    expect(await decodeAudio(tagged(tagged(fixture(file))))).toEqual(await decodeAudio(fixture(file)))
  })

  it.each(['clip.wav', 'clip.flac', 'clip.ogg', 'clip.opus', 'clip.mp3'])('reads all of %s before an ID3v1 tag', async (file) => {
    const tag = new Uint8Array(128)
    tag.set(Buffer.from('TAGa title'))
    expect(await decodeAudio(Uint8Array.of(...fixture(file), ...tag))).toEqual(await decodeAudio(fixture(file)))
  })

  it('takes no other sound behind an ID3 tag for MP3, and tells the console nothing', async () => {
    const told = vi.spyOn(console, 'error')
    const adts = Uint8Array.of(0xff, 0xf1, 0x50, 0x80, 0, 0x1f, 0xfc)
    await expect(decodeAudio(tagged(adts))).rejects.toThrow('an aac file; give wav')
    // Without their signatures: what is left has bytes that look like the headers of frames.
    for (const file of ['clip.wav', 'clip.flac', 'clip.ogg', 'clip.opus'])
      expect(await codeOf(decodeAudio(tagged(fixture(file).subarray(4))))).toBe('AUDIO_CORRUPT')
    expect(told).not.toHaveBeenCalled()
    told.mockRestore()
  })

  it('does not play recordings that were joined to one MP3 at the rate of the last', async () => {
    const frames = (rateIndex: number, size: number) => {
      const frame = new Uint8Array(size)
      frame.set([0xff, 0xfb, 0x90 | (rateIndex << 2), 0xc0])
      return Buffer.concat([frame, frame, frame])
    }
    // MPEG 1 layer III of 128 kbit/s: frames of 144 * 128,000 / rate bytes.
    const [at44, at48] = [frames(0, 417), frames(1, 384)]
    expect(await decodeAudio(at44)).toMatchObject({ sampleRate: 44_100 })
    await expect(decodeAudio(Buffer.concat([at44, at48]))).rejects.toMatchObject({
      code: 'AUDIO_UNSUPPORTED',
      message: 'audio: the mp3 changes from 44100 Hz to 48000 Hz; save it as wav, or each part as a file',
    })
  })

  it('answers or refuses with a code whatever tags announce', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 6, maxLength: 6 }), fc.nat(3), async (header, kept) => {
        const bytes = Uint8Array.of(0x49, 0x44, 0x33, 4, ...header, ...fixture('clip.wav').subarray(kept))
        expect([...CODES, 'resolved']).toContain(await codeOf(decodeAudio(bytes)))
      }),
    )
  })

  it('refuses what is no sound, by its bytes and whatever its name', async () => {
    const text = (content: string) => new TextEncoder().encode(content)
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(0), 'AUDIO_EMPTY'],
      [wav(1, 0), 'AUDIO_EMPTY'],
      [text('%PDF-1.7\n'), 'AUDIO_UNSUPPORTED'],
      [text('<!doctype html><title>404</title>'), 'AUDIO_UNSUPPORTED'],
      [text('version https://git-lfs.github.com/spec/v1'), 'AUDIO_UNSUPPORTED'],
      [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'AUDIO_UNSUPPORTED'],
      [new Uint8Array(1000), 'AUDIO_UNSUPPORTED'],
      [text('RIFF'), 'AUDIO_UNSUPPORTED'],
      [text('RIFF1234WAVE'), 'AUDIO_TRUNCATED'],
      [text('fLaC'), 'AUDIO_TRUNCATED'],
      [text('OggS'), 'AUDIO_TRUNCATED'],
      [text('ID3'), 'AUDIO_CORRUPT'],
      [wavOf(85, 16, 1, new Uint8Array(4)), 'AUDIO_UNSUPPORTED'],
      [wavOf(1, 16, 0, new Uint8Array(4)), 'AUDIO_CORRUPT'],
    ]
    for (const [bytes, code] of cases)
      expect([await codeOf(decodeAudio(bytes, { fileName: 'a.wav' })), bytes.length]).toEqual([code, bytes.length])
    await expect(decodeAudio(text('%PDF-1.7'), { fileName: 'a.wav' })).rejects.toThrow('a.wav: a pdf file; give wav, mp3, flac or ogg')
  })

  it('refuses sound that is longer than the limit before decoding it', async () => {
    for (const file of ['clip.wav', 'clip.flac', 'clip.mp3', 'clip.ogg', 'clip.opus']) {
      expect([file, await codeOf(decodeAudio(fixture(file), { maxSeconds: 0.5 }))]).toEqual([file, 'AUDIO_TOO_LONG'])
      expect((await decodeAudio(fixture(file), { maxSeconds: 0.7 })).channels).toHaveLength(1)
    }
  })

  it('refuses float sound that holds no numbers', async () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      expect(await codeOf(decodeAudio(wavOf(3, 32, 1, new Uint8Array(Float32Array.of(0.5, value).buffer))))).toBe('AUDIO_CORRUPT')
    }
    expect((await decodeAudio(wavOf(3, 32, 1, new Uint8Array(Float32Array.of(0.5, 1.5).buffer)))).channels[0]).toEqual(
      Float32Array.of(0.5, 1.5),
    )
  })

  it.each(['clip.wav', 'clip.flac', 'clip.mp3', 'clip.ogg', 'clip.opus'])('says so wherever %s is cut off', async (file) => {
    const bytes = fixture(file)
    const codes = new Set<unknown>()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 12, max: bytes.length - 2 }), async (length) => {
        const code = await codeOf(decodeAudio(bytes.subarray(0, length)))
        codes.add(code)
        if (file === 'clip.mp3') expect([...CODES, 'resolved']).toContain(code)
        else expect(['AUDIO_TRUNCATED', 'AUDIO_CORRUPT']).toContain(code)
      }),
      { numRuns: 30 },
    )
    expect(codes).toContain('AUDIO_TRUNCATED')
  })

  it.each(['clip.wav', 'clip.flac', 'clip.mp3', 'clip.ogg', 'clip.opus'])(
    'answers or refuses with a code when bytes of %s are damaged',
    async (file) => {
      const bytes = fixture(file)
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }), async (changes) => {
          const damaged = bytes.slice()
          for (const [at, value] of changes) damaged[at] = value
          expect([...CODES, 'resolved']).toContain(await codeOf(decodeAudio(damaged)))
        }),
        { numRuns: 30 },
      )
    },
  )
})

describe('readAudio', () => {
  const sample = (bytes: Uint8Array): Sample => ({
    corpus: 'crema-d',
    id: 'x',
    modality: 'audio',
    path: 'x.wav',
    emotion: 'anger',
    corpusLabel: 'ANG',
    paperLabel: 1,
    bytes,
  })

  it('gives one channel at the rate asked for', async () => {
    const own = await readAudio(sample(fixture('clip.wav')))
    expect([own.sampleRate, own.samples.length]).toEqual([16_000, reference.length])
    const converted = await readAudio(sample(fixture('clip.wav')), { sampleRate: 8000 })
    expect(converted.sampleRate).toBe(8000)
    expect(Math.abs(converted.samples.length - reference.length / 2)).toBeLessThanOrEqual(1)
    expect(rms(converted.samples) / rms(reference)).toBeGreaterThan(0.8)
    const given = await readAudio(sample(fixture('clip.wav')), {
      sampleRate: 8000,
      resample: (_, { from, to }) => Float32Array.of(from, to),
    })
    expect(given).toEqual({ samples: Float32Array.of(16_000, 8000), sampleRate: 8000 })
  })

  it('keeps a tone through the conversion', async () => {
    const tone = Float32Array.from({ length: 44_100 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 1000 * i) / 44_100))
    const bytes = wavOf(3, 32, 1, new Uint8Array(tone.buffer))
    new DataView(bytes.buffer).setUint32(24, 44_100, true)
    const { samples } = await readAudio(sample(bytes), { sampleRate: 16_000 })
    const middle = samples.subarray(1000, 15_000)
    const best = Math.max(
      ...Array.from({ length: 64 }, (_, phase) =>
        middle.reduce((sum, value, i) => sum + value * Math.sin((2 * Math.PI * 1000 * (i + phase / 4)) / 16_000), 0),
      ),
    )
    expect(best / (0.25 * middle.length)).toBeGreaterThan(0.999)
  })

  it('refuses rates that are none before it reads', async () => {
    for (const sampleRate of [0, -1, NaN, Infinity, 16_000.5, '16000', null]) {
      const reading = readAudio({ ...sample(wav(1)), bytes: undefined }, { sampleRate: sampleRate as number })
      await expect(reading).rejects.toMatchObject({ code: 'SAMPLE_RATE', details: { sampleRate } })
      await expect(reading).rejects.toBeInstanceOf(RangeError)
    }
  })

  it('converts from rates above those that the converter knows, and says what to do about ratios that it cannot take', async () => {
    const tone = Int16Array.from({ length: 38_400 }, (_, i) => 16_384 * Math.sin((2 * Math.PI * 1000 * i) / 384_000))
    const bytes = wavOf(1, 16, 1, new Uint8Array(tone.buffer))
    new DataView(bytes.buffer).setUint32(24, 384_000, true)
    const { samples, sampleRate } = await readAudio(sample(bytes), { sampleRate: 16_000 })
    expect([sampleRate, Math.abs(samples.length - 1600) <= 1]).toEqual([16_000, true])
    expect(rms(samples.subarray(200, 1400))).toBeCloseTo(0.5 / Math.SQRT2, 2)
    const far = readAudio(sample(bytes), { sampleRate: 1000 })
    await expect(far).rejects.toMatchObject({ code: 'RESAMPLE_FAILED', details: { from: 384_000, to: 1000 } })
    await expect(far).rejects.toThrow(/resample. of @emo\/dsp/)
  })

  it('refuses what is no sample', async () => {
    for (const given of [undefined, null, 'a.wav', []]) {
      expect(await codeOf(readAudio(given as never))).toBe('SAMPLE_EXPECTED')
      expect(await codeOf(readImage(given as never))).toBe('SAMPLE_EXPECTED')
      expect(await codeOf(readBytes(given as never))).toBe('SAMPLE_EXPECTED')
    }
    expect(await codeOf(readAudio(sample(wav(1)), 16_000 as never))).toBe('OPTIONS_NOT_OBJECT')
  })

  it('refuses pictures and samples that lost their folder', async () => {
    expect(await codeOf(readAudio({ ...sample(wav(1)), modality: 'image' }))).toBe('SAMPLE_MODALITY')
    expect(await codeOf(readAudio({ ...sample(wav(1)), bytes: undefined }))).toBe('SAMPLE_WITHOUT_SOURCE')
  })
})
