import { closeSync, existsSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { EmoError } from '@emo/errors'
import type { PredictionFormat } from '../predictionFormat.ts'

/** A file of predictions that grows by whole lines and knows what it already holds. */
export interface ResumableOutput {
  /** Files answered by an earlier run. */
  readonly answered: ReadonlySet<string>
  write(line: string): void
  close(): void
}

/**
 * Opens a file for predictions, going on where an earlier run stopped. A last line that the earlier run could not finish is cut off.
 *
 * @throws EmoError `OUTPUT_NOT_RESUMABLE` if the file holds anything but predictions in this format: nothing is overwritten
 * @throws EmoError `OUTPUT_NOT_WRITABLE` if it cannot be opened
 */
export function openResumableOutput(path: string, format: PredictionFormat): ResumableOutput {
  let descriptor: number
  const existed = existsSync(path)
  try {
    descriptor = openSync(path, existed ? 'r+' : 'wx+')
  } catch (error) {
    throw new EmoError('OUTPUT_NOT_WRITABLE', `cannot write ${path}: ${(error as Error).message}`, { cause: error })
  }
  try {
    const answered = new Set<string>()
    let position = readAnswered(descriptor, path, format, answered)
    ftruncateSync(descriptor, position)
    const append = (text: string): void => {
      const bytes = Buffer.from(`${text}\n`)
      for (let done = 0; done < bytes.length;) {
        const count = writeSync(descriptor, bytes, done, bytes.length - done, position)
        done += count
        position += count
      }
    }
    if (position === 0 && format.header) append(format.header)
    return { answered, write: append, close: () => closeSync(descriptor) }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** Collects the answered files; returns the length of the part that consists of whole lines. */
function readAnswered(descriptor: number, path: string, format: PredictionFormat, answered: Set<string>): number {
  const chunk = Buffer.alloc(1 << 16)
  const decoder = new StringDecoder('utf8')
  let text = ''
  let whole = 0
  let lineNumber = 0
  for (;;) {
    const count = readSync(descriptor, chunk)
    if (count === 0) break
    text += decoder.write(chunk.subarray(0, count))
    const lines = text.split('\n')
    text = lines.pop()!
    for (const line of lines) {
      lineNumber++
      whole += Buffer.byteLength(line) + 1
      if (lineNumber === 1 && line === format.header) continue
      const file = format.fileOf(line)
      if (file === undefined) {
        throw new EmoError(
          'OUTPUT_NOT_RESUMABLE',
          `${path}, line ${lineNumber}, is not a prediction in this format; choose another --output, or remove the file`,
        )
      }
      answered.add(file)
    }
  }
  // A file without a single line break: ours only if it is the beginning of a first line.
  if (lineNumber === 0 && !format.opening.startsWith(text.slice(0, format.opening.length))) {
    throw new EmoError('OUTPUT_NOT_RESUMABLE', `${path} holds something else; choose another --output, or remove the file`)
  }
  return whole
}
