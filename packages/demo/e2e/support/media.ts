import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeAudio, decodeImage, mixToMono } from '@emo/datasets'
import { path } from './browser.ts'

/** CREMA-D (Open Database License; attributed beside them). */
const CLIPS = path('../../speech-model/src/__tests__/fixtures/crema-d/')
const PIECE_SECONDS = 0.8

/** What `emo predict --json` says of a file. */
export interface Said {
  readonly file: string
  readonly emotion: string
  readonly confidence: number
  readonly uncertain: boolean
}

/** Asks the command line; files without an answer are left out. */
export function predict(files: readonly string[]): Said[] {
  const run = (): string => {
    try {
      return execFileSync('node', [path('../dist/cli/emo.js'), 'predict', '--json', ...files], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    } catch (error) {
      // Exit status 1: some files had no answer, the others have.
      return (error as { stdout: string }).stdout
    }
  }
  return run()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Said)
}

/**
 * Cuts the repository's clips into pieces as long as the window of the live mode, asks the command line about each, and returns for each emotion the
 * surest piece, surest first: played over and over, every window of the microphone holds that piece.
 */
export async function clearestPieces(directory: string): Promise<Said[]> {
  const files: string[] = []
  for (const name of readdirSync(CLIPS).filter((file) => file.endsWith('.wav'))) {
    const { channels, sampleRate } = await decodeAudio(readFileSync(join(CLIPS, name)))
    const samples = mixToMono(channels)
    const length = Math.round(PIECE_SECONDS * sampleRate)
    for (let start = 0; start + length <= samples.length; start += length) {
      const file = join(directory, `${start}-${name}`)
      writeFileSync(file, wav(samples.subarray(start, start + length), sampleRate))
      files.push(file)
    }
  }
  const pieces = predict(files).sort((a, b) => b.confidence - a.confidence)
  return pieces.filter((piece, index) => pieces.findIndex(({ emotion }) => emotion === piece.emotion) === index)
}

/** A mono 16-bit WAV file. */
export function wav(samples: Float32Array, sampleRate: number): Buffer {
  const file = Buffer.alloc(44 + 2 * samples.length)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(36 + 2 * samples.length, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(sampleRate, 24)
  file.writeUInt32LE(2 * sampleRate, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(2 * samples.length, 40)
  samples.forEach((sample, index) => file.writeInt16LE(Math.round(32767 * Math.max(-1, Math.min(1, sample))), 44 + 2 * index))
  return file
}

/** Writes a photograph as an uncompressed TIFF of 8 bit RGB, little-endian, and returns its path. */
export async function writeTiff(file: string, photograph: string): Promise<string> {
  const { data, width, height } = await decodeImage(readFileSync(photograph))
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    // Three values of two bytes: they stand elsewhere, behind the header.
    [258, 3, 3, 8],
    [259, 3, 1, 1],
    [262, 3, 1, 2],
    [273, 4, 1, 14],
    [277, 3, 1, 3],
    [278, 4, 1, height],
    [279, 4, 1, data.length],
  ]
  const directory = 14 + data.length + (data.length % 2)
  const tiff = Buffer.alloc(directory + 2 + 12 * entries.length + 4)
  tiff.set([0x49, 0x49, 42, 0])
  tiff.writeUInt32LE(directory, 4)
  for (const at of [8, 10, 12]) tiff.writeUInt16LE(8, at)
  tiff.set(data, 14)
  tiff.writeUInt16LE(entries.length, directory)
  entries.forEach(([tag, type, count, value], i) => {
    const at = directory + 2 + 12 * i
    tiff.writeUInt16LE(tag, at)
    tiff.writeUInt16LE(type, at + 2)
    tiff.writeUInt32LE(count, at + 4)
    if (type === 3 && count === 1) tiff.writeUInt16LE(value, at + 8)
    else tiff.writeUInt32LE(value, at + 8)
  })
  writeFileSync(file, tiff)
  return file
}

/** How a film is made. */
interface FilmOptions {
  readonly width?: number
  readonly height?: number
  readonly frames?: number
  readonly framesPerSecond?: number
}

/** Writes a film (YUV4MPEG2, 4:2:0) of a photograph that drifts slowly over a grey ground, and returns its path. */
export async function writeFilm(file: string, photograph: string, options: FilmOptions = {}): Promise<string> {
  const { width = 640, height = 480, frames = 12, framesPerSecond = 30 } = options
  const picture = await decodeImage(readFileSync(photograph))
  const side = 0.94 * height
  const scale = side / Math.max(picture.width, picture.height)
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`)]
  for (let frame = 0; frame < frames; frame++) {
    const drift = Math.sin((2 * Math.PI * frame) / frames)
    const left = Math.round((width - picture.width * scale) / 2 + 6 * drift)
    const top = Math.round((height - picture.height * scale) / 2)
    parts.push(Buffer.from('FRAME\n'), planes(picture, width, height, left, top, scale))
  }
  writeFileSync(file, Buffer.concat(parts))
  return file
}

type Picture = Awaited<ReturnType<typeof decodeImage>>

function planes(
  { data, width: columns, height: rows, channels }: Picture,
  width: number,
  height: number,
  left: number,
  top: number,
  scale: number,
): Buffer {
  const luma = width * height
  const quarter = luma / 4
  const out = Buffer.alloc(luma + 2 * quarter, 128)
  const last = Math.min(width, left + Math.floor(columns * scale))
  for (let y = Math.max(0, top); y < Math.min(height, top + Math.floor(rows * scale)); y++) {
    for (let x = Math.max(0, left); x < last; x++) {
      const at = (Math.floor((y - top + 0.5) / scale) * columns + Math.floor((x - left + 0.5) / scale)) * channels
      const r = data[at]
      const g = data[at + (channels < 3 ? 0 : 1)]
      const b = data[at + (channels < 3 ? 0 : 2)]
      // BT.601, limited range, as cameras send it.
      out[y * width + x] = 16 + (65.738 * r + 129.057 * g + 25.064 * b) / 256
      if (x % 2 === 0 && y % 2 === 0) {
        const chroma = luma + (y / 2) * (width / 2) + x / 2
        out[chroma] = 128 + (-37.945 * r - 74.494 * g + 112.439 * b) / 256
        out[chroma + quarter] = 128 + (112.439 * r - 94.154 * g - 18.285 * b) / 256
      }
    }
  }
  return out
}
