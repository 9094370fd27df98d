import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const examples = join(import.meta.dirname, '../../../examples')
/** A real recording of a voice, 2.3 s. */
export const CLIP = join(examples, '1001_DFA_ANG_XX.wav')
/** A real photograph of a person. */
export const PHOTOGRAPH = join(examples, 'astronaut.jpg')

/** The smallest picture there is: one grey pixel. */
export const ONE_PIXEL_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
)

/** Interleaved samples as a WAV file of 32-bit floats. */
export function floatWav(samples: Float32Array, sampleRate: number, channels: number): Buffer {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(3, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * channels * 4, 28)
  header.writeUInt16LE(channels * 4, 32)
  header.writeUInt16LE(32, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}

/** The samples of {@link CLIP}, -1 to 1, at 16 kHz. */
export function clipSamples(): Float32Array {
  const bytes = readFileSync(CLIP)
  const start = bytes.indexOf('data') + 8
  return Float32Array.from({ length: Math.floor((bytes.length - start) / 2) }, (_, i) => bytes.readInt16LE(start + 2 * i) / 32768)
}

/** Copies a file to each of these paths below a folder. */
export function copyTo(source: string, folder: string, names: readonly string[]): string[] {
  return names.map((name) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    copyFileSync(source, path)
    return path
  })
}

/** Writes a file below a folder. */
export function write(folder: string, name: string, contents: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
  return path
}
