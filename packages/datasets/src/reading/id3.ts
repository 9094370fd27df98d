/** Where a file begins behind the ID3v2 tags in front of it: 0 without one, past its end where only tags are given. */
export function id3End(bytes: Uint8Array): number {
  let position = 0
  while (position + 10 <= bytes.length && bytes[position] === 0x49 && bytes[position + 1] === 0x44 && bytes[position + 2] === 0x33) {
    // A length of four times seven bits, and a footer when flag 0x10 is set.
    const length = (bytes[position + 6] << 21) | (bytes[position + 7] << 14) | (bytes[position + 8] << 7) | bytes[position + 9]
    position += 10 + length + (bytes[position + 5] & 0x10 ? 10 : 0)
  }
  return position
}

/** Where a file ends before an ID3v1 tag, which is its last 128 bytes; its length without one. */
export function id3Start(bytes: Uint8Array): number {
  const at = bytes.length - 128
  return at >= 0 && bytes[at] === 0x54 && bytes[at + 1] === 0x41 && bytes[at + 2] === 0x47 ? at : bytes.length
}
