/** Text of headers that were met before, with the type they announce: a corpus repeats a handful of them a million times. */
const headers = new Map<string, string>()

/**
 * Reads a NumPy file that holds one value (format versions 1 to 3): numbers, or text that spells a number (AffectNet keeps its annotations so).
 *
 * @returns `undefined` when it holds anything else
 */
export function npyScalar(bytes: Uint8Array): number | undefined {
  if (bytes.length < 12 || bytes[0] !== 0x93 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY') return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const long = bytes[6] >= 2
  const start = long ? 12 : 10
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true))
  if (end > bytes.length) return undefined
  const text = String.fromCharCode(...bytes.subarray(start, end))
  let type = headers.get(text)
  if (type === undefined) {
    const single = /'shape'\s*:\s*\(\s*(?:1\s*,?)?\s*\)/.test(text)
    type = (single ? /'descr'\s*:\s*'([<>|=][A-Za-z]\d+)'/.exec(text)?.[1] : undefined) ?? ''
    if (headers.size < 1000) headers.set(text, type)
  }
  const little = !type.startsWith('>')
  const size = bytes.length - end
  const need = Number(type.slice(2)) * (type[1] === 'U' ? 4 : 1)
  if (type === '' || size < need) return undefined
  switch (type.slice(1)) {
    case 'f4':
      return view.getFloat32(end, little)
    case 'f8':
      return view.getFloat64(end, little)
    case 'i1':
      return view.getInt8(end)
    case 'u1':
      return view.getUint8(end)
    case 'i2':
      return view.getInt16(end, little)
    case 'i4':
      return view.getInt32(end, little)
    case 'u4':
      return view.getUint32(end, little)
    case 'i8':
      return Number(view.getBigInt64(end, little))
  }
  if (type[1] !== 'U' && type[1] !== 'S') return undefined
  const width = type[1] === 'U' ? 4 : 1
  let spelled = ''
  for (let at = end; at + width <= end + need; at += width) {
    const code = width === 4 ? view.getUint32(at, little) : bytes[at]
    if (code === 0 || code > 127) break
    spelled += String.fromCharCode(code)
  }
  const value = Number(spelled)
  return spelled.trim() === '' || Number.isNaN(value) ? undefined : value
}
