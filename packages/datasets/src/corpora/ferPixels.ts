/** Side of FER2013's square images, in pixels. */
export const FER_SIDE = 48

/** One row of a csv with pixels, as byte positions within the file. */
export interface CsvLine {
  /** Line in the file, from 1. */
  readonly line: number
  /** Position of the line's first byte in the file. */
  readonly offset: number
  /** The line, without its end. Valid until the next one is asked for. Empty when the line is too long. */
  readonly bytes: Uint8Array
  readonly tooLong: boolean
}

const NEWLINE = 10
const RETURN = 13

/** Longest line that is kept: some hundred times the pixels of a picture. A file without line ends must not fill the memory. */
export const MAX_LINE_BYTES = 1 << 20

/** Lines of a byte stream; holds one chunk and one line at a time. Of a line above {@link MAX_LINE_BYTES} only `tooLong` is told. */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvLine> {
  let rest = new Uint8Array(0)
  /** Bytes of a too long line that are gone. */
  let dropped = 0
  let offset = 0
  let line = 1
  for await (const chunk of chunks) {
    let bytes: Uint8Array = chunk
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + chunk.length)
      bytes.set(rest)
      bytes.set(chunk, rest.length)
    }
    let start = 0
    for (let end = bytes.indexOf(NEWLINE, start); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield lineOf(line, offset, bytes.subarray(start, end > start && bytes[end - 1] === RETURN ? end - 1 : end), dropped)
      offset += dropped + end + 1 - start
      dropped = 0
      start = end + 1
      line++
    }
    rest = bytes.slice(start)
    if (dropped + rest.length > MAX_LINE_BYTES) {
      dropped += rest.length
      rest = new Uint8Array(0)
    }
  }
  if (dropped + rest.length > 0) yield lineOf(line, offset, rest, dropped)
}

function lineOf(line: number, offset: number, bytes: Uint8Array, dropped: number): CsvLine {
  const tooLong = dropped + bytes.length > MAX_LINE_BYTES
  return { line, offset, bytes: tooLong ? bytes.subarray(0, 0) : bytes, tooLong }
}

const PIXEL_GAPS = [9, 32, 34] // tab, blank, quote

/**
 * Reads decimal numbers between blanks, with or without quotes around.
 *
 * @param into - receives the values
 * @returns how many numbers there are, also beyond the room in `into`; -1 when one is above 255, or something is no number
 */
export function parsePixels(bytes: Uint8Array, into: Uint8Array): number {
  let count = 0
  let value = -1
  for (let i = 0; i <= bytes.length; i++) {
    const digit = i < bytes.length ? bytes[i] - 48 : -1
    if (digit >= 0 && digit <= 9) {
      value = value < 0 ? digit : value * 10 + digit
      if (value > 255) return -1
    } else if (i < bytes.length && !PIXEL_GAPS.includes(bytes[i])) return -1
    else if (value >= 0) {
      if (count < into.length) into[count] = value
      count++
      value = -1
    }
  }
  return count
}
