import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '@emo/runtime'
import { FaceEmotionModel } from '../../src/faceEmotionModel.ts'
import type { FaceModelCard } from '../../src/faceModelCard.ts'

const command = fileURLToPath(new URL('../train.ts', import.meta.url))
const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emo-face-train-'))
  await writeCorpus(folder)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/**
 * A FER2013 whose labels can be read off the pictures: a bright bar whose place tells the class. One training picture is also in PublicTest,
 * and one is there twice with two labels.
 */
async function writeCorpus(target: string): Promise<void> {
  const random = createRandom('corpus')
  const picture = (label: number): string =>
    Array.from({ length: 48 * 48 }, (_, i) => (Math.floor((i % 48) / 7) === label ? 200 : 60) + random.integer(50)).join(' ')
  const rows: [string, number][] = []
  for (let i = 0; i < 70; i++) rows.push([`${i % 7},${picture(i % 7)},Training`, i % 7])
  const twin = picture(3)
  const doubtful = picture(4)
  rows.push([`3,${twin},Training`, 3], [`4,${doubtful},Training`, 4], [`5,${doubtful},Training`, 5])
  for (let i = 0; i < 21; i++) rows.push([`${i % 7},${picture(i % 7)},PublicTest`, i % 7])
  rows.push([`3,${twin},PublicTest`, 3])
  await writeFile(join(target, 'fer2013.csv'), `emotion,pixels,Usage\n${rows.map(([row]) => row).join('\n')}\n`)

  // FERPlus' columns for FER2013's labels 0 to 6.
  const columns = [4, 5, 6, 1, 3, 2, 0]
  const votes = rows.map(([row, label], index) => {
    const counts = Array.from({ length: 10 }, (_, column) => (column === columns[label] ? 8 : column === 8 ? 2 : 0))
    return `${row.split(',')[2]},fer${String(index).padStart(7, '0')}.png,${counts.join(',')}`
  })
  const header = 'Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF'
  await writeFile(join(target, 'fer2013new.csv'), `${header}\n${votes.join('\n')}\n`)
}

interface Run {
  readonly code: number | null
  readonly output: string
}

/** Runs the command; sends it SIGTERM once its output matches `until`. */
function run(args: readonly string[], until?: RegExp): Promise<Run> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@emo/source', command, ...args], { cwd: packageFolder })
  let output = ''
  let stopped = false
  const take = (chunk: Buffer): void => {
    output += chunk.toString()
    // A second signal would end it at once.
    if (!stopped && until?.test(output)) stopped = child.kill('SIGTERM')
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  return new Promise((resolve) =>
    child.on('close', (code) => {
      resolve({ code, output })
    }),
  )
}

function options(name: string, more: readonly string[] = []): string[] {
  const out = join(folder, name)
  return [
    '--data',
    folder,
    '--cache',
    join(out, 'cache'),
    '--out',
    join(out, 'weights'),
    '--report',
    join(out, 'report'),
    '--batch',
    '14',
    ...more,
  ]
}

describe('face-model:train', { timeout: 180_000 }, () => {
  it('trains, and writes weights that load, a card and a report', async () => {
    const { code, output } = await run(options('best', ['--epochs', '7']))
    expect(output).toContain('PublicTest')
    expect(code).toBe(0)
    const out = join(folder, 'best/weights')
    const card = JSON.parse(await readFile(join(out, 'card.json'), 'utf8')) as FaceModelCard
    expect(card.training.images).toBe(70)
    expect(card.training.epochs).toBe(7)
    // Stages of one, one, two, one, one and one epochs.
    expect(output).toContain('stage6')
    expect(card.training.averaged).toBe(3)
    expect(card.training.leftOut).toEqual({ alsoInTest: 1, ambiguous: 2 })
    expect(card.evaluation.publicTest.images).toBe(22)
    expect(card.evaluation.publicTest.withoutDuplicates.images).toBe(21)
    expect(await readFile(join(out, 'CARD.md'), 'utf8')).toContain('## Not for')
    expect((await readdir(join(folder, 'best/report'))).sort()).toEqual([
      'accuracy.svg',
      'confusionMatrix.svg',
      'ferPlusAccuracy.svg',
      'loss.svg',
      'report.json',
    ])
    const weights = {
      modelJson: JSON.parse(await readFile(join(out, 'model.json'), 'utf8')) as object,
      weights: await readFile(join(out, 'weights.bin')),
    }
    const model = await FaceEmotionModel.load({ weights, detector: false })
    expect(model.predict({ data: new Uint8Array(48 * 48), width: 48, height: 48 }).confidence).toBeGreaterThan(0)
    model.dispose()
  })

  it('goes on from weights that were shipped, and is taught by them', async () => {
    const from = join(folder, 'best/weights')
    const more = [
      '--epochs',
      '1',
      '--mixup',
      '0.2',
      '--learning-rate',
      '0.01',
      '--from',
      from,
      '--average',
      from,
      '--teacher',
      from,
      '--teacher',
      from,
    ]
    const { code, output } = await run(options('continued', more))
    expect(code).toBe(0)
    expect(output).toMatch(/best-epochs1-seed1-from-[0-9a-f]{8}-taught-[0-9a-f]{8}/)
    const { training } = JSON.parse(await readFile(join(folder, 'continued/weights/card.json'), 'utf8')) as FaceModelCard
    expect(training).toMatchObject({ epochs: 1, averaged: 2, teachers: 2, continuedFrom: { epochs: 7, averaged: 3 } })
    expect(training.command).toContain('--from')
    expect(await readFile(join(folder, 'continued/report/report.json'), 'utf8')).not.toContain(folder)
  })

  it('learns: the paper CNN finds the bars', async () => {
    const { code } = await run(options('paper', ['--model', 'paper', '--epochs', '25']))
    expect(code).toBe(0)
    const card = JSON.parse(await readFile(join(folder, 'paper/weights/card.json'), 'utf8')) as FaceModelCard
    // One in seven by chance; five seeds got from 0.55 to 0.73.
    expect(card.evaluation.publicTest.accuracy).toBeGreaterThan(0.4)
  })

  it('goes on after a kill and ends with the weights of an uninterrupted run', async () => {
    const args = ['--model', 'paper', '--epochs', '6']
    const stopped = await run(options('killed', args), /epoch [34]\/6/)
    expect(stopped.code).toBe(1)
    expect(stopped.output).toContain('TRAINING_INTERRUPTED')
    const resumed = await run(options('killed', args))
    expect(resumed.output).toContain('resumed')
    expect(resumed.code).toBe(0)
    expect((await run(options('whole', args))).code).toBe(0)
    const [a, b] = await Promise.all(['killed', 'whole'].map((name) => readFile(join(folder, name, 'weights/weights.bin'))))
    expect(a.equals(b)).toBe(true)
  })

  it('explains itself', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, output: expect.stringContaining('--workers') as string })
    expect(await run([])).toMatchObject({ code: 2, output: expect.stringContaining('--data') as string })
    expect((await run(['--data', folder, '--model', 'best?'])).code).toBe(2)
    expect((await run(['--data', folder, '--epochs', '0'])).code).toBe(2)
    expect(await run(['--data', folder, '--epochs', '3'])).toMatchObject({
      code: 2,
      output: expect.stringContaining('one for each stage') as string,
    })
    expect((await run(['--data', folder, '--learning-rate', 'fast'])).code).toBe(2)
    expect((await run(['--data', folder, '--mixup', '2'])).code).toBe(2)
    expect((await run(['--data', folder, '--model', 'paper', '--from', folder])).code).toBe(2)
    expect((await run(['--data', folder, '--average', folder])).code).toBe(2)
    expect((await run(['--data', folder, '--model', 'paper', '--teacher', folder])).code).toBe(2)
    for (const option of [
      ['--from', folder],
      ['--from', join(folder, 'nowhere'), '--average', folder],
      ['--teacher', `${folder}/.`],
    ]) {
      expect(await run(['--data', folder, '--out', folder, ...option])).toMatchObject({
        code: 2,
        output: expect.stringContaining('would write over: give another --out') as string,
      })
    }
    expect((await run(['--data', folder, '--from', join(folder, 'nowhere')])).output).toContain('WEIGHTS_UNREADABLE')
    expect((await run(['--data', folder, '--teacher', join(folder, 'nowhere')])).output).toContain('WEIGHTS_UNREADABLE')
    const average = ['--from', folder, '--average', join(folder, 'nowhere')]
    expect((await run(['--data', join(folder, 'nowhere'), ...average])).output).toContain(join(folder, 'nowhere/weights.bin'))
    const unknown = await run(['--nothing'])
    expect(unknown).toMatchObject({ code: 2, output: expect.stringContaining("Unknown option '--nothing'") as string })
    expect(unknown.output).not.toMatch(/^ +at /m)
    expect((await run(['--data', join(folder, 'nowhere')])).output).toContain('FILE_NOT_FOUND')
  })
})
