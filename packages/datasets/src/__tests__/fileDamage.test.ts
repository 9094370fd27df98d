import { describe, expect, it } from 'vitest'
import { fileDamage } from '../corpora/fileDamage.ts'
import { wav } from './trees.ts'

/** Behind an ID3v2.4 tag of so many bytes, less than 128. */
const tagged = (bytes: Uint8Array, size: number) =>
  Uint8Array.of(0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, size, ...new Uint8Array(size), ...bytes)

describe('fileDamage', () => {
  it('tells a file of another type than its name', () => {
    expect(fileDamage('a.wav', wav(1), 364)).toBeUndefined()
    expect(fileDamage('a.flac', wav(1), 364)).toBe('named .flac, but a wav file')
    expect(fileDamage('a.wav', Buffer.from('....ftypM4A '), 364)).toBe('named .wav, but an mp4 file')
    expect(fileDamage('a.wav', new Uint8Array(64), 64)).toBe('named .wav, but an unknown type of file')
  })

  it('looks behind ID3 tags as far as it can', () => {
    const bytes = tagged(wav(1), 20)
    expect(fileDamage('a.wav', bytes, bytes.length)).toBeUndefined()
    expect(fileDamage('a.wav', bytes, bytes.length - 1)).toBe('cut off: 320 bytes of sound announced, 319 there')
    expect(fileDamage('a.flac', bytes, bytes.length)).toBe('named .flac, but a wav file')
    expect(fileDamage('a.flac', tagged(wav(1), 100).subarray(0, 64), 1000)).toBeUndefined()
  })
})
