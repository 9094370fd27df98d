import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { EmoError } from '@emo/errors'
import type { PredictionFormat } from '../predictionFormat.ts'
import { outputError } from './outputError.ts'
import { plainPath } from './plainPath.ts'

/** A file of predictions that grows by whole lines and knows what it already holds. */
export interface ResumableOutput {
  /** Whether an earlier run has answered this file, be it as `./a` or `a`. */
  hasAnswered(file: string): boolean
  write(line: string): void
  close(): void
}

/**
 * Opens a file for predictions, going on where an earlier run stopped. A last line that the earlier run could not finish is cut off.
 *
 * @throws EmoError `OUTPUT_NOT_RESUMABLE` if the file holds anything but predictions in this format: nothing is overwritten
 * @throws EmoError `OUTPUT_NOT_WRITABLE` if it cannot be opened, is a device or a pipe, or (also from `write`) takes no more
 */
export function openResumableOutput(path: string, format: PredictionFormat): ResumableOutput {
  let descriptor: number
  const existed = existsSync(path)
  try {
    descriptor = openSync(path, existed ? 'r+' : 'wx+')
  } catch (error) {
    throw outputError(path, error)
  }
  try {
    // A device never ends, and what was written to a pipe is gone: neither says what it holds.
    if (!fstatSync(descriptor).isFile())
      throw outputError(path, new Error('not a regular file; without --output answers go to standard output'))
    const answered = new Set<string>()
    const length = readAnswered(descriptor, path, format, answered)
    ftruncateSync(descriptor, length)
    const append = appender(descriptor, path, length)
    if (length === 0 && format.header) append(format.header)
    return {
      hasAnswered: (file) => answered.has(plainPath(format.key(file))),
      write: append,
      close: () => closeSync(descriptor),
    }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** Writes whole lines from a position on. */
function appender(descriptor: number, path: string, start: number): (line: string) => void {
  let position = start
  return (line) => {
    const bytes = Buffer.from(`${line}\n`)
    try {
      for (let done = 0; done < bytes.length;) {
        const count = writeSync(descriptor, bytes, done, bytes.length - done, position)
        done += count
        position += count
      }
    } catch (error) {
      throw outputError(path, error)
    }
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
      answered.add(plainPath(file))
    }
  }
  // A file without a single line break: ours only if it is the beginning of a first line.
  if (lineNumber === 0 && !format.opening.startsWith(text.slice(0, format.opening.length))) {
    throw new EmoError('OUTPUT_NOT_RESUMABLE', `${path} holds something else; choose another --output, or remove the file`)
  }
  return whole
}
