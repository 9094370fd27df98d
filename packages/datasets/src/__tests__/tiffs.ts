/**
 * A TIFF of one page whose fields are numbers of 32 bits.
 *
 * @param data - stands from byte 8 on
 */
export function tiffOf(fields: readonly (readonly [tag: number, ...values: number[]])[], data: Uint8Array, little = true): Uint8Array {
  const directory = 8 + data.length + (data.length % 2)
  let free = directory + 2 + fields.length * 12 + 4
  const bytes = new Uint8Array(free + 4 * fields.reduce((sum, [, ...values]) => sum + (values.length > 1 ? values.length : 0), 0))
  const view = new DataView(bytes.buffer)
  bytes.set(little ? [0x49, 0x49, 42, 0] : [0x4d, 0x4d, 0, 42])
  view.setUint32(4, directory, little)
  bytes.set(data, 8)
  view.setUint16(directory, fields.length, little)
  fields.forEach(([tag, ...values], i) => {
    const at = directory + 2 + i * 12
    view.setUint16(at, tag, little)
    view.setUint16(at + 2, 4, little)
    view.setUint32(at + 4, values.length, little)
    const to = values.length > 1 ? free : at + 8
    if (values.length > 1) {
      view.setUint32(at + 8, free, little)
      free += 4 * values.length
    }
    values.forEach((value, k) => view.setUint32(to + 4 * k, value, little))
  })
  return bytes
}

/** An uncompressed 8 bit grey TIFF, little-endian. */
export function greyTiff(width: number, height: number, pixels: readonly number[]): Uint8Array {
  return tiffOf(
    [
      [256, width],
      [257, height],
      [258, 8],
      [259, 1],
      [262, 1],
      [273, 8],
      [277, 1],
      [278, height],
      [279, pixels.length],
    ],
    Uint8Array.from(pixels),
  )
}
