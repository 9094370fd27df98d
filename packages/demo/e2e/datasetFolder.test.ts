import { build, defaultClientConditions } from 'vite'
import { expect, it } from 'vitest'
import * as emo from '@emo/datasets'
import { greyPixels, wav, writeTree } from '../../datasets/src/__tests__/trees.ts'
import { executablePath, launch, noBrowser, path } from './support/browser.ts'

/** What is compared, run alike in Node and in the page. */
const summarise = `async ({ openDataset, inspectDataset, readAudio, readImage }, folder) => {
  const dataset = await openDataset(folder)
  const { name, ...summary } = await inspectDataset(dataset)
  const [first] = dataset.samples
  const item = first.modality === 'image' ? (await readImage(first)).data : (await readAudio(first, { sampleRate: 8000 })).samples
  return { summary, ids: dataset.samples.map(({ id }) => id), length: item.length, sum: item.reduce((a, b) => a + b, 0) }
}`

it.skipIf(noBrowser)('a folder picked in a browser opens to what Node sees, by webkitdirectory and by directory handle', async () => {
  expect(executablePath, 'Chromium').toBeDefined()
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['@emo/source', ...defaultClientConditions] },
    build: { write: false, minify: false, lib: { entry: path('../../datasets/src/index.ts'), name: 'emo', formats: ['iife'] } },
  })
  const bundle = [built]
    .flat()
    .flatMap((result) => ('output' in result ? result.output : []))
    .find((file) => file.type === 'chunk')
  const corpora = [
    writeTree({
      'Actor_01/03-01-05-01-01-01-01.wav': wav(1, 16_000),
      'Actor_02/03-01-03-01-01-01-02.wav': wav(2, 16_000),
      'Actor_02/голос.wav': wav(3),
      'Actor_02/03-01-03-01-01-02-02.wav': '',
    }),
    writeTree({
      'fer2013.csv': `emotion,pixels,Usage\n0,${greyPixels(1).join(' ')},Training\n3,1 2,Training\n3,${greyPixels(2).join(' ')},PublicTest\n`,
    }),
  ]
  const browser = await launch()
  try {
    const page = await browser.newPage()
    // Handles need a secure context: localhost is one.
    await page.route('http://localhost/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><input type="file" webkitdirectory>' }),
    )
    await page.goto('http://localhost/')
    await page.addScriptTag({ content: bundle?.code ?? '' })
    for (const corpus of corpora) {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- one text for both sides
      const inNode: unknown = await new Function('emo', 'folder', `return (${summarise})(emo, folder)`)(emo, corpus)
      await page.setInputFiles('input', corpus)
      const picked = await page.evaluate(`(${summarise})(emo, document.querySelector('input').files)`)
      expect(picked).toEqual(JSON.parse(JSON.stringify(inNode)))
      const handle = await page.evaluate(`(async () => {
        const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('corpus' + Math.random(), { create: true })
        for (const file of document.querySelector('input').files) {
          const parts = file.webkitRelativePath.split('/').slice(1)
          let folder = root
          for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part, { create: true })
          const writable = await (await folder.getFileHandle(parts.at(-1), { create: true })).createWritable()
          await writable.write(file)
          await writable.close()
        }
        return (${summarise})(emo, root)
      })()`)
      expect(handle).toEqual(JSON.parse(JSON.stringify(inNode)))
    }
  } finally {
    await browser.close()
  }
})
