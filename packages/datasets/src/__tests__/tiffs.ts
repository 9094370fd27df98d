/** An uncompressed 8 bit grey TIFF, little-endian. */
export function greyTiff(width: number, height: number, pixels: readonly number[]): Uint8Array {
  const entries: [tag: number, type: number, value: number][] = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 8],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, pixels.length],
  ]
  const directory = 8 + pixels.length + (pixels.length % 2)
  const bytes = new Uint8Array(directory + 2 + entries.length * 12 + 4)
  const view = new DataView(bytes.buffer)
  bytes.set([0x49, 0x49, 42, 0])
  view.setUint32(4, directory, true)
  bytes.set(pixels, 8)
  view.setUint16(directory, entries.length, true)
  entries.forEach(([tag, type, value], i) => {
    const at = directory + 2 + i * 12
    view.setUint16(at, tag, true)
    view.setUint16(at + 2, type, true)
    view.setUint32(at + 4, 1, true)
    if (type === 3) view.setUint16(at + 8, value, true)
    else view.setUint32(at + 8, value, true)
  })
  return bytes
}
