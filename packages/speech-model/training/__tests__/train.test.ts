import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunSummary } from '../runReport.ts'
import { isUsageError, parseOptions, usage } from '../trainOptions.ts'
import { vowel } from '../../src/__tests__/audio.ts'

const script = fileURLToPath(new URL('../train.ts', import.meta.url))
const rate = 16000
let folder: string

/** 16-bit mono. */
function wav(samples: Float32Array): Buffer {
  const bytes = Buffer.alloc(44 + 2 * samples.length)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(36 + 2 * samples.length, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(rate, 24)
  bytes.writeUInt32LE(2 * rate, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(2 * samples.length, 40)
  samples.forEach((value, i) => bytes.writeInt16LE(Math.round(32767 * value), 44 + 2 * i))
  return bytes
}

/** Corpora whose emotions are vowels at the speaker's own pitch: RAVDESS' eight, and two of EmoDB's. */
function makeCorpora(): void {
  mkdirSync(join(folder, 'emodb', 'wav'), { recursive: true })
  for (const [letter, formant] of [
    ['W', 380],
    ['T', 460],
  ] as const) {
    writeFileSync(join(folder, 'emodb', 'wav', `03a01${letter}a.wav`), wav(vowel(0.5, rate, 140, [formant, 1500])))
  }
  for (const actor of ['02', '03', '10']) {
    const directory = join(folder, 'ravdess', `Actor_${actor}`)
    mkdirSync(directory, { recursive: true })
    for (let emotion = 1; emotion <= 8; emotion++) {
      for (const repetition of [1, 2]) {
        const pitch = 100 + 12 * Number(actor) + 3 * repetition
        const sound = vowel(0.5, rate, pitch, [300 + 80 * emotion, 900 + 250 * emotion])
        writeFileSync(join(directory, `03-01-0${emotion}-01-01-0${repetition}-${actor}.wav`), wav(sound))
      }
    }
  }
}

interface Outcome {
  readonly status: number | null
  readonly output: string
}

function run(args: string[], onOutput?: (text: string, interrupt: () => void) => void): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@emo/source', script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const add = (chunk: Buffer) => {
      output += String(chunk)
      onOutput?.(output, () => child.kill('SIGINT'))
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.once('close', (status) => resolve({ status, output }))
  })
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'emo-train-'))
  makeCorpora()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('trains, stops on Ctrl-C, goes on where it stopped, and reports', async () => {
  const args = ['--data', folder, '--out', join(folder, 'out'), '--folds', '0', '--epochs', '6', '--jobs', '1']
  let stopped = false
  const first = await run(args, (text, interrupt) => {
    if (stopped || !/epoch 2\/6 {2}loss/.test(text)) return
    stopped = true
    interrupt()
  })
  expect(first.output).toContain('emodb: 2 clips, 1 speakers')
  expect(first.output).toContain('TRAINING_INTERRUPTED')
  expect(first.status).toBe(130)
  const runs = join(folder, 'out', 'runs')
  expect(readdirSync(runs)).toEqual(['portable-fold0-seed1'])

  const second = await run(args)
  expect(second.output).not.toMatch(/epoch 1\/6/)
  expect(second.output).toMatch(/epoch 6\/6/)
  expect(second.status).toBe(0)
  const summary = JSON.parse(readFileSync(join(folder, 'out', 'reports', 'portable-folds', 'summary.json'), 'utf8')) as RunSummary
  expect(summary.runs).toHaveLength(1)
  expect(summary.classes.reduce((sum, row) => sum + row.support, 0)).toBe(16)
  expect(summary.uar.mean).toBeCloseTo(summary.classes.reduce((sum, row) => sum + row.recall, 0) / 8, 9)
  expect(readdirSync(join(folder, 'out', 'reports', 'portable-folds'))).toEqual(
    expect.arrayContaining(['report.json', 'loss.svg', 'accuracy.svg', 'confusionMatrix.svg', 'summary.json', 'preset.json']),
  )
  const { history, test: tested } = JSON.parse(readFileSync(join(runs, 'portable-fold0-seed1', 'result.json'), 'utf8')) as {
    history: { loss: number }[]
    test: { clips: { speaker: string }[] }
  }
  expect(history).toHaveLength(6)
  expect(history[5].loss).toBeLessThan(history[0].loss)
  expect(new Set(tested.clips.map((clip) => clip.speaker))).toEqual(new Set(['ravdess/02']))

  const third = await run(args)
  expect(third.output).not.toContain('epoch')
  expect(third.output).toContain('UAR')
  expect(third.status).toBe(0)

  // Other views ask for new answers, not for a new network.
  const path = join(runs, 'portable-fold0-seed1', 'result.json')
  const result = JSON.parse(readFileSync(path, 'utf8')) as { views: unknown; test: { logits: number[] } }
  writeFileSync(
    path,
    JSON.stringify({ ...result, views: [{ semitones: 0, offset: 0 }], test: { ...result.test, logits: result.test.logits.map(() => 0) } }),
  )
  const fourth = await run(args)
  expect(fourth.output).not.toContain('epoch')
  const again = JSON.parse(readFileSync(path, 'utf8')) as typeof result
  expect(again.views).toEqual(result.views)
  again.test.logits.forEach((value, i) => expect(value).toBeCloseTo(result.test.logits[i], 4))
}, 240_000)

describe('the command line', () => {
  test('--help names every option', () => {
    expect(parseOptions(['--help'])).toBe('help')
    for (const flag of [
      '--data',
      '--model',
      '--folds',
      '--random',
      '--final',
      '--seeds',
      '--validate',
      '--epochs',
      '--jobs',
      '--out',
      '--restart',
    ]) {
      expect(usage).toContain(flag)
    }
  })

  test('defaults and lists', () => {
    expect(parseOptions(['--data', '/corpora'])).toMatchObject({
      data: '/corpora',
      name: 'portable',
      protocol: 'folds',
      folds: [0, 1, 2, 3, 4],
      seeds: [1],
      validate: 0,
    })
    expect(parseOptions(['--data', '/corpora', '--folds', '0,3', '--seeds', '1,2,3', '--epochs', '7'])).toMatchObject({
      folds: [0, 3],
      seeds: [1, 2, 3],
      preset: { epochs: 7 },
    })
    expect(parseOptions(['--data', '/corpora', '--random'])).toMatchObject({ protocol: 'random' })
    expect(parseOptions(['--data', '/corpora', '--final', '--model', 'portable'])).toMatchObject({ protocol: 'final', name: 'portable' })
  })

  test.each([
    [['--model', 'best'], '--data is missing'],
    [['--data', '.', '--model', 'nonesuch'], '--model nonesuch'],
    [['--data', '.', '--folds', '5'], '--folds 5'],
    [['--data', '.', '--seeds', 'x'], '--seeds x'],
    [['--data', '.', '--jobs', '0'], '--jobs 0'],
    [['--data', '.', '--random', '--final'], 'one of --folds, --random and --final'],
    [['--data', '.', '--unknown'], '--unknown'],
  ])('%j is a usage error', (args, message) => {
    let error: unknown
    try {
      parseOptions(args)
    } catch (caught) {
      error = caught
    }
    expect(isUsageError(error)).toBe(true)
    expect((error as Error).message).toContain(message)
  })

  test('a folder without the corpus is named, and the status says so', async () => {
    const { status, output } = await run(['--data', join(folder, 'nowhere')])
    expect(output).toContain('CORPUS_MISSING')
    expect(output).toContain(join(folder, 'nowhere', 'ravdess'))
    expect(status).toBe(1)
  })

  test('a usage error ends with status 2', async () => {
    const { status, output } = await run(['--folds', '9'])
    expect(output).toContain('--help')
    expect(status).toBe(2)
  })
})
