import { readFileSync } from 'node:fs'

/** Reads a little-endian float32 array as a flat array in C order. */
export function readNpy(path: string | URL): { data: Float32Array; shape: number[] } {
  const bytes = readFileSync(path)
  const headerLength = bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, 10 + headerLength)
  if (!header.includes("'<f4'")) throw new Error(`${String(path)}: ${header}`)
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]
    .split(',')
    .filter((s) => s.trim() !== '')
    .map(Number)
  const from = 10 + headerLength
  const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + bytes.length))
  if (header.includes("'fortran_order': False") || shape.length < 2) return { data, shape }
  const [rows, columns] = shape
  return { data: data.map((_, i) => data[(i % columns) * rows + Math.floor(i / columns)]), shape }
}
