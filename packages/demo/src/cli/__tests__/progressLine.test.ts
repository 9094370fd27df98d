import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createProgressLine } from '../progressLine.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function stream(isTTY: boolean): { written: string; stream: NodeJS.WriteStream } {
  const result = { written: '', stream: undefined as never as NodeJS.WriteStream }
  result.stream = { isTTY, write: (text: string) => void (result.written += text) } as never
  return result
}

it('writes a plain line to a log now and then', () => {
  const log = stream(false)
  const progress = createProgressLine(200, log.stream, false)
  for (let done = 1; done <= 100; done++) {
    vi.advanceTimersByTime(650)
    progress.update(done)
  }
  expect(log.written).toBe('emo: 47 of 200 files, 1.5 a second, 1 min 39 s left\nemo: 94 of 200 files, 1.5 a second, 1 min 09 s left\n')
})

it('redraws one line in a terminal, and takes it away', () => {
  const terminal = stream(true)
  const progress = createProgressLine(4, terminal.stream, false)
  vi.advanceTimersByTime(500)
  progress.update(1)
  expect(terminal.written).toBe('')
  vi.advanceTimersByTime(1_500)
  progress.update(2)
  expect(terminal.written).toBe('\r\u001b[2K████████████░░░░░░░░░░░░ 2 of 4 files, 1.0 a second, 2 s left')
  progress.clear()
  progress.clear()
  expect(terminal.written.endsWith('left\r\u001b[2K')).toBe(true)
})

it.each([
  ['when told to be quiet', 100, true],
  ['of a single file', 1, false],
])('writes nothing %s', (_, total, quiet) => {
  const terminal = stream(true)
  const progress = createProgressLine(total, terminal.stream, quiet)
  vi.advanceTimersByTime(60_000)
  progress.update(1)
  progress.clear()
  expect(terminal.written).toBe('')
})
