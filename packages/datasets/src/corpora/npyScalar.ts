/** What the header of a NumPy file says of its one value. */
interface ScalarType {
  /** The header, from the first byte of the file to its value. */
  readonly header: Uint8Array
  /** As NumPy spells it without the byte order, e.g. `f8`, `U9`; empty when it holds anything else than one value. */
  readonly code: string
  readonly little: boolean
  /** Bytes of the value. */
  readonly size: number
}

/** Headers that were met before: a corpus repeats a handful of them a million times. */
const known: ScalarType[] = []
const MOST_KNOWN = 32

/**
 * Reads a NumPy file that holds one value (format versions 1 to 3): numbers, or text that spells a number (AffectNet keeps its annotations so).
 *
 * @returns `undefined` when it holds anything else
 */
export function npyScalar(bytes: Uint8Array): number | undefined {
  const type = known.find(({ header }) => startsWith(bytes, header)) ?? readType(bytes)
  if (type === undefined || type.code === '' || bytes.length - type.header.length < type.size) return undefined
  const value = type.code.startsWith('U') || type.code.startsWith('S') ? spelled(bytes, type) : numeric(bytes, type)
  return Number.isNaN(value) ? undefined : value
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  if (bytes.length < start.length) return false
  for (let i = 0; i < start.length; i++) if (bytes[i] !== start[i]) return false
  return true
}

function readType(bytes: Uint8Array): ScalarType | undefined {
  if (bytes.length < 12 || bytes[0] !== 0x93 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY') return undefined
  const view = viewOf(bytes)
  const long = bytes[6] >= 2
  const start = long ? 12 : 10
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true))
  if (end > bytes.length) return undefined
  const text = String.fromCharCode(...bytes.subarray(start, end))
  const single = /'shape'\s*:\s*\(\s*(?:1\s*,?)?\s*\)/.test(text)
  const descr = (single ? /'descr'\s*:\s*'([<>|=][A-Za-z]\d+)'/.exec(text)?.[1] : undefined) ?? ''
  const type: ScalarType = {
    header: bytes.slice(0, end),
    code: descr.slice(1),
    little: !descr.startsWith('>'),
    size: Number(descr.slice(2)) * (descr[1] === 'U' ? 4 : 1),
  }
  if (known.length < MOST_KNOWN) known.push(type)
  return type
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** NaN for types that are no numbers. */
function numeric(bytes: Uint8Array, { header, code, little }: ScalarType): number {
  const view = viewOf(bytes)
  const at = header.length
  switch (code) {
    case 'f4':
      return view.getFloat32(at, little)
    case 'f8':
      return view.getFloat64(at, little)
    case 'i1':
      return view.getInt8(at)
    case 'u1':
      return view.getUint8(at)
    case 'i2':
      return view.getInt16(at, little)
    case 'i4':
      return view.getInt32(at, little)
    case 'u4':
      return view.getUint32(at, little)
    case 'i8':
      return Number(view.getBigInt64(at, little))
  }
  return NaN
}

/** NaN for text that spells no number. */
function spelled(bytes: Uint8Array, { header, code, little, size }: ScalarType): number {
  const width = code.startsWith('U') ? 4 : 1
  let text = ''
  for (let at = header.length; at + width <= header.length + size; at += width) {
    const letter = width === 1 ? bytes[at] : letterAt(bytes, at, little)
    if (letter === 0 || letter > 127) break
    text += String.fromCharCode(letter)
  }
  return text.trim() === '' ? NaN : Number(text)
}

/** UTF-32 */
function letterAt(bytes: Uint8Array, at: number, little: boolean): number {
  const [a, b, c, d] = little ? [at + 3, at + 2, at + 1, at] : [at, at + 1, at + 2, at + 3]
  return bytes[a] * 2 ** 24 + bytes[b] * 2 ** 16 + bytes[c] * 2 ** 8 + bytes[d]
}
