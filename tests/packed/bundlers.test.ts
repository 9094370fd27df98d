import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { openPage, serve, type BrowserAnswer, type ModelAnswers, type PageResult, type Prediction } from './browserPage.ts'
import { copyApp, execute, freshFolder } from './freshFolder.ts'

/** Node's answers for the same input, from the same folder. */
async function answersInNode(folder: string): Promise<ModelAnswers> {
  await copyApp(folder, { 'models.js': 'models.js', 'node.mjs': 'node.mjs' })
  return JSON.parse((await execute(folder, process.execPath, ['node.mjs'])).stdout) as ModelAnswers
}

async function prepareApp(tool: string): Promise<string> {
  const folder = await freshFolder([tool])
  const modules = ['models.js', 'browser.js', 'speechWorker.js', 'faceWorker.js']
  await copyApp(folder, { 'index.html': 'index.html', ...Object.fromEntries(modules.map((name) => [name, `src/${name}`])) })
  await mkdir(join(folder, 'public'))
  await cp(join(inject('workspace'), 'packages/demo/examples/astronaut.jpg'), join(folder, 'public/astronaut.jpg'))
  return folder
}

/** Chromium may run the fused multiply-add kernels where Node 20 does not: equal up to rounding. */
function expectSamePrediction(actual: Prediction, expected: Prediction): void {
  expect(actual.emotion).toBe(expected.emotion)
  expect(Object.keys(actual.scores)).toEqual(Object.keys(expected.scores))
  for (const [name, score] of Object.entries(expected.scores)) expect(actual.scores[name], name).toBeCloseTo(score, 3)
}

describe.each([
  ['Vite', 'vite@8.3.8', ['viteDev.mjs', 'vitePreview.mjs']],
  ['webpack', 'webpack@5.112.2', ['webpackServe.mjs']],
] as const)('a fresh %s app', (_, tool, scripts) => {
  let folder: string
  let expected: ModelAnswers

  beforeAll(async () => {
    folder = await prepareApp(tool)
    expected = await answersInNode(folder)
  })

  test.each(scripts)('%s: loads both models without configuration and answers as Node does, in the page and in workers', async (script) => {
    await copyApp(folder, { [script]: script })
    const server = await serve(folder, script)
    let result: PageResult<BrowserAnswer>
    try {
      result = await openPage(server.address)
    } finally {
      server.stop()
    }
    const { answer, foreign, errors } = result
    expect(errors).toEqual([])
    expect(foreign).toEqual([])
    expect(answer.both.backend).toBe('wasm')
    for (const given of [answer.both, answer.inWorker]) {
      expectSamePrediction(given.speech, expected.speech)
      expectSamePrediction(given.face, expected.face)
    }
    expect(answer.detected.length).toBe(1)
    const { faces, codes } = answer.otherwise
    expect(Object.keys(faces)).toHaveLength(6)
    for (const [name, found] of Object.entries(faces)) expect(found, name).toEqual(answer.detected)
    expect(codes).toEqual(['IMAGE_EMPTY', 'IMAGE_UNSUPPORTED'])
  })
})
