import { crc32, deflateSync } from 'node:zlib'
import type { DecodedImage } from '@emo/datasets'

const MOST_COLORS = 256
/** Bits of each channel by which colours are counted. */
const BITS = 5
const CHANNELS = [0, 1, 2] as const

/** Colours that are alike: how many pixels have them, and the sum of these. */
interface Bin {
  readonly key: number
  count: number
  readonly sum: [number, number, number]
}

/** A picture as a PNG of at most 256 colours, a third of the size of all its colours (median cut: Heckbert, SIGGRAPH 1982). */
export function palettePng(picture: DecodedImage): Buffer {
  const { data, width, height, channels } = picture
  const bins = countColors(picture)
  const boxes = medianCut([...bins.values()])
  const indices = new Map(boxes.flatMap((box, index) => box.map(({ key }) => [key, index] as const)))
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indices.get(keyAt(data, (y * width + x) * channels))!
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits, a palette.
  header.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(boxes.flatMap(meanColor))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function keyAt(data: Uint8Array, at: number): number {
  return CHANNELS.reduce<number>((key, channel) => (key << BITS) | (data[at + channel] >> (8 - BITS)), 0)
}

function countColors({ data, channels }: DecodedImage): Map<number, Bin> {
  const bins = new Map<number, Bin>()
  for (let at = 0; at < data.length; at += channels) {
    const key = keyAt(data, at)
    let bin = bins.get(key)
    if (!bin) bins.set(key, (bin = { key, count: 0, sum: [0, 0, 0] }))
    bin.count++
    for (const channel of CHANNELS) bin.sum[channel] += data[at + channel]
  }
  return bins
}

const level = ({ sum, count }: Bin, channel: 0 | 1 | 2): number => sum[channel] / count

function medianCut(bins: Bin[]): Bin[][] {
  const boxes = [describe(bins)]
  while (boxes.length < MOST_COLORS) {
    const widest = boxes.reduce((best, box) => (box.spread > best.spread ? box : best))
    if (widest.spread === 0) break
    const { bins: all, channel } = widest
    all.sort((a, b) => level(a, channel) - level(b, channel))
    const half = all.reduce((sum, { count }) => sum + count, 0) / 2
    let cut = 0
    for (let seen = 0; cut < all.length - 1 && seen < half; cut++) seen += all[cut].count
    cut = Math.max(1, cut)
    boxes.splice(boxes.indexOf(widest), 1, describe(all.slice(0, cut)), describe(all.slice(cut)))
  }
  return boxes.map((box) => box.bins)
}

/** The channel in which a box of colours is widest, and how much a cut there is worth: few pixels of many colours are seen less. */
function describe(bins: Bin[]): { readonly bins: Bin[]; readonly channel: 0 | 1 | 2; readonly spread: number } {
  const widths = CHANNELS.map((channel) => {
    const levels = bins.map((bin) => level(bin, channel))
    return Math.max(...levels) - Math.min(...levels)
  })
  const width = Math.max(...widths)
  const count = bins.reduce((sum, bin) => sum + bin.count, 0)
  return { bins, channel: widths.indexOf(width) as 0 | 1 | 2, spread: bins.length > 1 ? width * Math.cbrt(count) : 0 }
}

function meanColor(bins: readonly Bin[]): number[] {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0)
  return CHANNELS.map((channel) => Math.round(bins.reduce((sum, bin) => sum + bin.sum[channel], 0) / count))
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(content.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
