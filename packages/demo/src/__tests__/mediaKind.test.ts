import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sniffMedia } from '../mediaKind.ts'

const read = (path: string) => new Uint8Array(readFileSync(new URL(path, import.meta.url)))

describe('sniffMedia', () => {
  it.each([
    ['../../examples/1001_DFA_ANG_XX.wav', 'wav', 'audio'],
    ['fixtures/angry.mp3', 'mp3', 'audio'],
    ['fixtures/angry.flac', 'flac', 'audio'],
    ['fixtures/angry.ogg', 'ogg', 'audio'],
    ['fixtures/angry-opus.ogg', 'ogg', 'audio'],
    ['../../examples/astronaut.jpg', 'jpeg', 'image'],
    ['fixtures/face.png', 'png', 'image'],
  ])('knows %s by its contents', (path, name, kind) => {
    expect(sniffMedia(read(path))).toEqual({ name, kind })
  })

  it('knows an mp3 without a tag, and a tiff of either byte order', () => {
    expect(sniffMedia(Uint8Array.of(0xff, 0xfb, 0x90, 0x64))?.name).toBe('mp3')
    expect(sniffMedia(Uint8Array.of(0x49, 0x49, 0x2a, 0))?.name).toBe('tiff')
    expect(sniffMedia(Uint8Array.of(0x4d, 0x4d, 0, 0x2a))?.name).toBe('tiff')
  })

  it.each(['RIFF', 'RF64', 'BW64'])('knows a wav with the sizes of %s', (form) => {
    expect(sniffMedia(Buffer.from(`${form}....WAVE`))?.name).toBe('wav')
  })

  it.each([
    ['nothing', []],
    ['text', [...Buffer.from('hello world, this is text')]],
    ['a RIFF that is no wave', [...Buffer.from('RIFF\0\0\0\0AVI LIST')]],
    ['the beginning of a signature', [0x89, 0x50, 0x4e]],
    ['a zip', [0x50, 0x4b, 3, 4]],
    ['utf-16 with a byte order mark', [0xff, 0xfe, 0x68, 0]],
    ['sync bits with a reserved layer', [0xff, 0xf9, 0x50, 0x80]],
  ])('does not take %s for a recording or a picture', (_, bytes) => {
    expect(sniffMedia(Uint8Array.from(bytes))).toBeUndefined()
  })
})
