import { deflateSync } from 'node:zlib'
import type { Matrix } from '../src/index.ts'

const width = 640
const height = 240
const left = 56
const top = 12
const plotWidth = width - left - 16
const plotHeight = height - top - 40

function frame(body: string, xLabel: string, yLabel: string, xMax: number, yMin: number, yMax: number): string {
  const number = (v: number) => String(Number(v.toPrecision(3)))
  const text = (x: number, y: number, anchor: string, content: string, extra = '') =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}"${extra}>${content}</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#333"><rect width="100%" height="100%" fill="#fff"/>${body}<rect x="${left}" y="${top}" width="${plotWidth}" height="${plotHeight}" fill="none" stroke="#888"/>${text(left, height - 24, 'middle', '0')}${text(left + plotWidth, height - 24, 'end', number(xMax))}${text(left + plotWidth / 2, height - 8, 'middle', xLabel)}${text(left - 6, top + plotHeight, 'end', number(yMin))}${text(left - 6, top + 10, 'end', number(yMax))}${text(14, top + plotHeight / 2, 'middle', yLabel, ` transform="rotate(-90 14 ${top + plotHeight / 2})"`)}</svg>\n`
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  let crc = 0xffffffff
  for (const byte of body) {
    crc ^= byte
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  const out = Buffer.alloc(8)
  out.writeUInt32BE(data.length)
  out.writeUInt32BE(~crc >>> 0, 4)
  return Buffer.concat([out.subarray(0, 4), body, out.subarray(4)])
}

/** A palette from dark blue over magenta to yellow. */
function palette(): Buffer {
  const stops = [
    [13, 8, 60],
    [120, 28, 109],
    [237, 105, 37],
    [252, 255, 164],
  ]
  return Buffer.from(
    Array.from({ length: 256 }, (_, i) => {
      const at = (i / 255) * 3
      const a = Math.min(2, Math.floor(at))
      return stops[a].map((c, k) => Math.round(c + (at - a) * (stops[a + 1][k] - c)))
    }).flat(),
  )
}

/** Rows of the matrix over time from left to right, columns from bottom to top. */
export function heatmap(m: Matrix, xLabel: string, yLabel: string, xMax: number, yMax = m.shape[1]): string {
  const [columns, rows] = m.shape
  const [min, max] = [Math.min(...m.data), Math.max(...m.data)]
  const raw = Buffer.alloc(rows * (columns + 1))
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) raw[y * (columns + 1) + 1 + x] = Math.round((255 * (m.get(x, rows - 1 - y) - min)) / (max - min || 1))
  const header = Buffer.alloc(13)
  header.writeUInt32BE(columns)
  header.writeUInt32BE(rows, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const png = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', palette()),
    chunk('IDAT', deflateSync(raw, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
  const image = `<image x="${left}" y="${top}" width="${plotWidth}" height="${plotHeight}" preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,${png.toString('base64')}"/>`
  return frame(image, xLabel, yLabel, xMax, 0, yMax)
}

/** One or more curves over a common axis; NaN leaves a gap. */
export function curves(series: ArrayLike<number>[], xLabel: string, yLabel: string, xMax: number): string {
  const all = series.flatMap((s) => Array.from(s)).filter(Number.isFinite)
  const [min, max] = [Math.min(...all), Math.max(...all)]
  const colours = ['#1f77b4', '#d62728', '#2ca02c']
  const paths = series.map((s, i) => {
    let open = false
    // More points than pixels help nobody.
    const step = Math.max(1, Math.floor(s.length / 1200))
    let d = ''
    for (let k = 0; k < s.length; k += step) {
      if (!Number.isFinite(s[k])) open = false
      else {
        d += `${open ? 'L' : 'M'}${(left + (plotWidth * k) / Math.max(1, s.length - 1)).toFixed(1)} ${(top + plotHeight * (1 - (s[k] - min) / (max - min || 1))).toFixed(1)}`
        open = true
      }
    }
    return `<path d="${d}" fill="none" stroke="${colours[i % 3]}"/>`
  })
  return frame(paths.join(''), xLabel, yLabel, xMax, min, max)
}
