import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { encode } from 'fast-png'
import { onTestFinished } from 'vitest'

/** Files of a folder, by path. */
export type Files = Readonly<Record<string, Uint8Array | string>>

/** Writes files into a new temporary folder, which goes when the test ends. */
export function writeTree(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'emo-datasets-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

/** A 16 bit mono WAV at 16 kHz whose samples are `value`, `value + 1`, ... */
export function wav(value: number, length = 160, sampleRate = 16_000): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * length)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode('RIFF....WAVEfmt '))
  view.setUint32(4, 36 + 2 * length, true)
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, sampleRate, true)
  view.setUint32(28, 2 * sampleRate, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  bytes.set(new TextEncoder().encode('data'), 36)
  view.setUint32(40, 2 * length, true)
  for (let i = 0; i < length; i++) view.setInt16(44 + 2 * i, (value + i) % 32768, true)
  return bytes
}

/** The 48 by 48 grey pixels that `value` stands for. */
export function greyPixels(value: number): Uint8Array {
  return Uint8Array.from({ length: 48 * 48 }, (_, i) => (value * 7 + i * (1 + (value % 5))) % 256)
}

/** {@link greyPixels} as PNG. */
export function greyPng(value: number): Uint8Array {
  return encode({ width: 48, height: 48, channels: 1, depth: 8, data: greyPixels(value) })
}

/** A NumPy file with one value, of type `<U..` as AffectNet has them, or a number. */
export function npy(value: string | number, type: 'U' | 'f8' | 'i8' = 'U'): Uint8Array {
  const text = String(value)
  const descr = type === 'U' ? `<U${text.length}` : `<${type}`
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (), }`.padEnd(117) + '\n'
  const body = new DataView(new ArrayBuffer(type === 'U' ? 4 * text.length : 8))
  if (type === 'U') [...text].forEach((letter, i) => body.setUint32(4 * i, letter.charCodeAt(0), true))
  else if (type === 'f8') body.setFloat64(0, Number(value), true)
  else body.setBigInt64(0, BigInt(value), true)
  const bytes = new Uint8Array(128 + body.byteLength)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0])
  bytes.set(new TextEncoder().encode(header), 10)
  bytes.set(new Uint8Array(body.buffer), 128)
  return bytes
}

/** The code that a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  }
  return 'resolved'
}

/** Runs something without the rights of root, where the tests have them. */
export async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  const root = process.getuid?.() === 0
  if (root) process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    if (root) process.seteuid?.(0)
  }
}
