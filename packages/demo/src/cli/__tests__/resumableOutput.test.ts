import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { csvFormat, jsonFormat } from '../../predictionFormat.ts'
import type { FilePrediction } from '../../prediction.ts'
import { openResumableOutput } from '../resumableOutput.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emo-out-'))
  path = join(folder, 'out')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const prediction = (file: string): FilePrediction => ({ file, modality: 'speech', emotion: 'anger', confidence: 1, scores: { anger: 1 } })

describe.each([
  ['JSON lines', jsonFormat],
  ['CSV', csvFormat],
])('a resumable file of %s', (_, format) => {
  const run = (files: readonly string[]): void => {
    const output = openResumableOutput(path, format)
    for (const file of files) if (!output.hasAnswered(file)) output.write(format.line(prediction(file)))
    output.close()
  }

  it('answers each file once, wherever the earlier run was cut off', () => {
    const files = ['a.wav', 'ünï, "cøde".wav', 'c.wav']
    run(files)
    const whole = readFileSync(path)
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        writeFileSync(path, whole.subarray(0, length))
        run(files)
        expect(readFileSync(path, 'utf8')).toBe(whole.toString())
      }),
    )
  })

  it('keeps its hands off a file that holds something else', () => {
    for (const foreign of ['my diary\n', 'my diary', '\n\n', '\x89PNG\r\n\x1a\n\0\0']) {
      writeFileSync(path, foreign)
      expect(() => openResumableOutput(path, format)).toThrow(expect.objectContaining({ code: 'OUTPUT_NOT_RESUMABLE' }))
      expect(readFileSync(path, 'utf8')).toBe(Buffer.from(foreign).toString())
    }
  })

  it('answers a file once, however it is spelled', () => {
    run(['takes/a.wav'])
    const before = readFileSync(path)
    run(['./takes/a.wav', 'takes//a.wav', './takes/./a.wav'])
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it.skipIf(process.platform === 'win32')('refuses devices and pipes, which say nothing of what they hold', () => {
    execFileSync('mkfifo', [path])
    for (const output of [path, '/dev/null', '/dev/full']) {
      expect(() => openResumableOutput(output, format)).toThrow(
        expect.objectContaining({ code: 'OUTPUT_NOT_WRITABLE', message: expect.stringContaining('not a regular file') as string }),
      )
    }
  })

  it('says when the folder does not exist', () => {
    expect(() => openResumableOutput(join(folder, 'no/such/folder'), format)).toThrow(
      expect.objectContaining({ code: 'OUTPUT_NOT_WRITABLE' }),
    )
  })
})
