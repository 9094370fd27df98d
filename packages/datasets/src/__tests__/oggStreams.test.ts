import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeAudio } from '../index.ts'
import { oggChecksum, oggStreams } from '../reading/oggStreams.ts'
import { codeOf } from './trees.ts'

const fixture = (name: string) => new Uint8Array(readFileSync(join(import.meta.dirname, 'fixtures', name)))
const opus = fixture('clip.opus')
const vorbis = fixture('clip.ogg')

const FIRST = 2
const LAST = 4

/** A page of a stream that is no sound. */
function page(flags: number, serial: number, body: string): Uint8Array {
  const bytes = new Uint8Array(28 + body.length)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode('OggS'))
  bytes[5] = flags
  view.setUint32(14, serial, true)
  bytes.set([1, body.length], 26)
  bytes.set(Buffer.from(body, 'latin1'), 28)
  return sealed(bytes)
}

/** With the checksum of its only page, or of that at `start`. */
function sealed(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  new DataView(bytes.buffer).setUint32(start + 22, oggChecksum(bytes, start, end), true)
  return bytes
}

/** Positions of a file's pages. */
const starts = (bytes: Uint8Array) => [...bytes.keys()].filter((at) => String.fromCharCode(...bytes.subarray(at, at + 4)) === 'OggS')

const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

/** Sound with a film's pages between its own. */
function film(sound: Uint8Array): Uint8Array {
  const [, second] = starts(sound)
  const third = starts(sound)[2] ?? sound.length
  return joined(
    page(FIRST, 7, '\x80theora a picture follows'),
    sound.subarray(0, second),
    page(0, 7, 'picture'),
    sound.subarray(second, third),
    page(LAST, 7, 'picture'),
    sound.subarray(third),
  )
}

describe('decodeAudio of Ogg with several streams', () => {
  it.each([
    ['opus', opus],
    ['vorbis', vorbis],
  ])('reads the %s of a film', async (_, sound) => {
    expect(await decodeAudio(film(sound))).toEqual(await decodeAudio(sound))
    expect(oggStreams(film(sound))?.links.map((streams) => streams.length)).toEqual([2])
  })

  it.each([
    ['opus', opus],
    ['vorbis', vorbis],
  ])('reads all links of a chain of %s, such as a saved broadcast', async (_, sound) => {
    const { channels, sampleRate } = await decodeAudio(sound)
    const twice = await decodeAudio(joined(sound, film(sound), sound))
    expect(twice.sampleRate).toBe(sampleRate)
    expect(twice.channels).toEqual([new Float32Array([...channels[0], ...channels[0], ...channels[0]])])
  })

  it('counts the length of all links before it decodes them', async () => {
    expect(await codeOf(decodeAudio(joined(opus, opus), { maxSeconds: 0.7 }))).toBe('AUDIO_TOO_LONG')
  })

  it('does not take the position of a broadcast for its length', async () => {
    const late = opus.slice()
    const view = new DataView(late.buffer)
    const pages = starts(late)
    for (const [i, start] of pages.entries()) {
      const granule = view.getBigInt64(start + 6, true)
      if (granule > 0n) view.setBigInt64(start + 6, granule + 48_000n * 7200n, true)
      sealed(late, start, pages[i + 1] ?? late.length)
    }
    const { channels } = await decodeAudio(late)
    expect(channels[0].length).toBeGreaterThanOrEqual((await decodeAudio(opus)).channels[0].length)
  })

  it('does not play links of other rates at that of the first', async () => {
    const faster = vorbis.slice()
    new DataView(faster.buffer).setUint32(28 + 12, 48_000, true)
    sealed(faster, 0, starts(faster)[1])
    await expect(decodeAudio(joined(vorbis, faster), { fileName: 'radio.ogg' })).rejects.toMatchObject({
      code: 'AUDIO_UNSUPPORTED',
      message: 'radio.ogg: the ogg changes from 1 channel at 16000 Hz to 1 channel at 48000 Hz; save it as wav, or each part as a file',
    })
  })

  it('refuses files that lack sound', async () => {
    const [, second] = starts(opus)
    const cases: [Uint8Array, string][] = [
      [page(FIRST | LAST, 7, '\x80theora and nothing else'), 'AUDIO_UNSUPPORTED'],
      [joined(opus, page(FIRST | LAST, 7, '\x80theora')), 'AUDIO_UNSUPPORTED'],
      [joined(page(FIRST | LAST, 7, 'OpusHead')), 'AUDIO_UNSUPPORTED'],
      [joined(opus, opus.subarray(0, second)), 'AUDIO_TRUNCATED'],
      [joined(opus, opus.subarray(0, -1)), 'AUDIO_TRUNCATED'],
      [joined(opus, Uint8Array.of(1, 2, 3), opus), 'AUDIO_CORRUPT'],
      // The second link without its first page, and with that of another stream in its place.
      [joined(opus, opus.subarray(second)), 'AUDIO_CORRUPT'],
      [joined(opus, page(FIRST, 7, '\x80theora'), opus.subarray(second)), 'AUDIO_CORRUPT'],
    ]
    for (const [bytes, code] of cases) expect([bytes.length, await codeOf(decodeAudio(bytes))]).toEqual([bytes.length, code])
    expect(await decodeAudio(joined(opus, new TextEncoder().encode('TAG of a player')))).toEqual(await decodeAudio(opus))
  })
})

describe('oggStreams', () => {
  it('walks whatever it is given', () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(fc.nat(7), fc.nat(3), fc.string({ maxLength: 20, unit: 'grapheme-ascii' })).map((parts) => page(...parts)),
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), fc.nat(60), (parts, cut) => {
        const bytes = joined(...parts)
        const file = oggStreams(bytes.subarray(0, Math.max(0, bytes.length - cut)))
        const total = file?.links.flat().reduce((sum, { pages }) => sum + pages.length, 0) ?? 0
        expect(total).toBeLessThanOrEqual(bytes.length)
      }),
    )
  })

  it.each([
    ['a film', film(opus)],
    ['a chain', joined(opus, vorbis)],
  ])('leads to an answer or a code when %s is damaged or cut', async (_, bytes) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 5 }),
        fc.integer({ min: 1, max: bytes.length }),
        async (changes, length) => {
          const damaged = bytes.slice(0, length)
          for (const [at, value] of changes) if (at < length) damaged[at] = value
          expect(await codeOf(decodeAudio(damaged))).toMatch(/^(AUDIO_[A-Z_]+|resolved)$/)
        },
      ),
      { numRuns: 40 },
    )
  })
})
