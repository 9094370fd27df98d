/** Side of FER2013's square images, in pixels. */
export const FER_SIDE = 48

/** One row of a csv with pixels, as byte positions within the file. */
export interface CsvLine {
  /** Line in the file, from 1. */
  readonly line: number
  /** Position of the line's first byte in the file. */
  readonly offset: number
  /** The line, without its end. Valid until the next one is asked for. */
  readonly bytes: Uint8Array
}

const NEWLINE = 10
const RETURN = 13

/** Lines of a byte stream; holds one chunk and one line at a time. */
export async function* byteLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvLine> {
  let rest = new Uint8Array(0)
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
      yield { line, offset, bytes: bytes.subarray(start, end > start && bytes[end - 1] === RETURN ? end - 1 : end) }
      offset += end + 1 - start
      start = end + 1
      line++
    }
    rest = bytes.slice(start)
  }
  if (rest.length > 0) yield { line, offset, bytes: rest }
}

/**
 * Reads decimal numbers between anything that is no digit.
 *
 * @param into - receives the values
 * @returns how many numbers there are, also beyond the room in `into`; -1 when one is above 255
 */
export function parsePixels(bytes: Uint8Array, into: Uint8Array): number {
  let count = 0
  let value = -1
  for (let i = 0; i <= bytes.length; i++) {
    const digit = i < bytes.length ? bytes[i] - 48 : -1
    if (digit >= 0 && digit <= 9) {
      value = value < 0 ? digit : value * 10 + digit
      if (value > 255) return -1
    } else if (value >= 0) {
      if (count < into.length) into[count] = value
      count++
      value = -1
    }
  }
  return count
}
