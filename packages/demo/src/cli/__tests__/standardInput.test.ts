import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readStandardInput } from '../standardInput.ts'

const examples = join(import.meta.dirname, '../../../examples')
const read = (...chunks: (string | Uint8Array)[]) => readStandardInput(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))

describe('readStandardInput', () => {
  it('reads one path a line, whatever the line ends with', async () => {
    expect(await read('a.wav\nb c.wav\r\n\nünï', '.wav')).toEqual({ paths: ['a.wav', 'b c.wav', 'ünï.wav'] })
  })

  it('reads paths between zero bytes, line breaks and all', async () => {
    expect(await read('a.wav\0odd\nname.wav\0')).toEqual({ paths: ['a.wav', 'odd\nname.wav'] })
  })

  it.each(['ID3 tags.wav\0b\0', 'RIFF of WAVE\n', 'fLaC.flac\n', 'OggS\n', 'BM\n'])(
    'takes %j for paths, though it begins like a recording',
    async (text) => {
      expect(await read(text)).toHaveProperty('paths')
    },
  )

  it.each(['1001_DFA_ANG_XX.wav', 'astronaut.jpg'])('recognises the bytes of %s, however they are cut', async (name) => {
    const bytes = new Uint8Array(readFileSync(join(examples, name)))
    const { media } = (await read(bytes.subarray(0, 3), bytes.subarray(3, 50), bytes.subarray(50))) as { media: Uint8Array }
    expect(Buffer.compare(media, bytes)).toBe(0)
  })

  it.each([
    ['flac', 'fLaC\0\0\0\x22\x10\0\x10\0'],
    ['ogg', 'OggS\0\x02\0\0\0\0\0\0'],
    ['mp3', 'ID3\x04\0\0\0\0\0\0'],
    ['tiff', 'II*\0\x08\0\0\0'],
    ['tiff whose picture is light', 'II*\0\x48\x9c\0\0\xc8\xc8\xc8\xc8'],
    ['big-endian tiff', 'MM\0*\0\0\x9c\x48\xc8\xc8\xc8\xc8'],
  ])('recognises a %s header', async (_, header) => {
    expect(await read(Buffer.from(header, 'latin1'))).toHaveProperty('media')
  })

  it('takes a byte order mark for none of the first name', async () => {
    expect(await read('\ufeffa.wav\nb.wav\n')).toEqual({ paths: ['a.wav', 'b.wav'] })
  })

  it.each([
    ['little', (text: string) => Buffer.from(text, 'utf16le')],
    ['big', (text: string) => Buffer.from(text, 'utf16le').swap16()],
  ])('reads lists in UTF-16, %s end first, as Windows PowerShell writes them', async (_, encode) => {
    expect(await read(encode('\ufefftakes/a.wav\r\nünï.wav\r\n'))).toEqual({ paths: ['takes/a.wav', 'ünï.wav'] })
  })

  it('leaves names in other encodings, and control characters, to their own fate', async () => {
    expect(await read(Buffer.from('caf\xe9.wav\na.wav\n', 'latin1'))).toEqual({ paths: ['caf\ufffd.wav', 'a.wav'] })
    expect(await read('esc\x1b[31m.wav\na.wav\n')).toEqual({ paths: ['esc\x1b[31m.wav', 'a.wav'] })
    expect(await read('esc\x1b[31m.wav\0a.wav\0')).toEqual({ paths: ['esc\x1b[31m.wav', 'a.wav'] })
  })

  it.each([
    ['an m4a', '\0\0\0\x1cftypM4A \0\0\x02\0M4A isomiso2\0\0\0\x08free\n/\n', /^mp4 or m4a cannot be read; give wav/],
    ['a webp', 'RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\n*\n', /^webp cannot be read; save it as png/],
    ['a bmp', 'BM\x36\x10\0\0\xff\xfe\n.\n', /^bmp cannot be read/],
    ['binary', '\x7fELF\x02\x01\x01\0\n.\n\xff', /^neither a recording/],
  ])('takes no path from %s', async (_, contents, message) => {
    await expect(read(Buffer.from(contents, 'latin1'))).rejects.toMatchObject({
      code: 'FILE_UNSUPPORTED',
      message: expect.stringMatching(message) as string,
    })
  })

  it.each(['', '\n\n', '\0'])('refuses %j', async (text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'INPUT_EMPTY' })
  })
})
