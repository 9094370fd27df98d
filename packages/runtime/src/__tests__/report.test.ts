import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { renderConfusionMatrix, renderTrainingCurve, writeReport, type Report } from '../report.ts'

const history = [1, 2, 3].map((epoch) => ({
  epoch,
  loss: 1 / epoch,
  learningRate: 0.1,
  seconds: 1,
  examplesPerSecond: 100,
  train: { accuracy: epoch / 4 },
  evaluation: epoch === 2 ? undefined : { accuracy: epoch / 5, recall: epoch / 6 },
}))

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'emo-report-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** Text elements of an SVG, in document order. */
const textOf = (svg: string) => Array.from(svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g), ([, text]) => text)

test('a curve names its lines and axes', async () => {
  const svg = (await renderTrainingCurve(history, 'accuracy'))!
  expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
  expect(textOf(svg)).toEqual(expect.arrayContaining(['accuracy', 'training', 'evaluation', 'epoch', '1', '2', '3']))
  expect(textOf((await renderTrainingCurve(history, 'loss'))!)).not.toContain('evaluation')
  expect(await renderTrainingCurve(history, 'none')).toBeUndefined()
})

test('a confusion matrix shows every count and class', async () => {
  const text = textOf(
    await renderConfusionMatrix(
      [
        [41, 2],
        [17, 0],
      ],
      ['anger', 'calm & <still>'],
      { title: 'held-out' },
    ),
  )
  expect(text).toEqual(expect.arrayContaining(['held-out', '41', '2', '17', '0', 'anger', 'truth', 'predicted']))
  expect(text.some((t) => t.includes('&amp; &lt;still&gt;'))).toBe(true)
})

test('writeReport writes numbers and pictures', async () => {
  const evaluation = { classNames: ['a', 'b'], truth: [0, 1, 1], probabilities: [0.9, 0.1, 0.2, 0.8, 0.7, 0.3] }
  const files = await writeReport(directory, { name: 'test', history, evaluation, details: { seed: 1 } })
  expect(files.sort()).toEqual(['accuracy.svg', 'confusionMatrix.svg', 'loss.svg', 'recall.svg', 'report.json'])
  expect((await readdir(directory)).sort()).toEqual(files)
  const report = JSON.parse(await readFile(join(directory, 'report.json'), 'utf8')) as Report
  expect(report).toMatchObject({
    name: 'test',
    details: { seed: 1 },
    evaluation: {
      confusionMatrix: [
        [1, 0],
        [1, 1],
      ],
      support: 3,
    },
  })
  expect(report.evaluation!.accuracy).toBeCloseTo(2 / 3, 12)
  expect(report.evaluation!.expectedCalibrationError).toBeCloseTo((0.1 + 0.2 + 0.7) / 3, 12)
  expect(report.history).toEqual(JSON.parse(JSON.stringify(history)))
})

test('without echarts the error says what to install, and nothing is written', async () => {
  vi.doMock('echarts', () => {
    throw new Error('Cannot find package')
  })
  vi.resetModules()
  const { writeReport: write } = await import('../report.ts')
  await expect(write(join(directory, 'none'), { name: 'x', history })).rejects.toMatchObject({ code: 'REPORT_DEPENDENCY_MISSING' })
  expect(await readdir(directory)).not.toContain('none')
  vi.doUnmock('echarts')
})
