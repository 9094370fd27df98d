/** Opens the real corpora below a folder and compares what is found with the published counts: `npm run check:corpora -- --data DIR`. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  assertNoLeak,
  groupKFold,
  inspectDataset,
  officialSplit,
  openDataset,
  openFerPlus,
  RAVDESS_FOLDS,
  readAudio,
  readImage,
  type Dataset,
} from '../src/index.ts'

const { values } = parseArgs({ options: { data: { type: 'string' } } })
if (values.data === undefined) {
  console.error('usage: npm run check:corpora -- --data DIR   (DIR has ravdess, savee, emodb, crema-d, fer2013)')
  process.exit(2)
}
// npm starts scripts in the package's folder, and whoever typed the path was elsewhere.
const data = resolve(process.env.INIT_CWD ?? '.', values.data)

let failed = 0
let passed = 0

function check(what: string, found: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)]
  if (left === right) passed++
  else failed++
  console.log(left === right ? `ok    ${what}: ${left}` : `WRONG ${what}: ${left}, expected ${right}`)
}

async function open(folder: string, opener: (path: string) => Promise<Dataset>): Promise<Dataset | undefined> {
  const path = join(data, folder)
  if (!existsSync(path)) {
    console.log(`--    ${folder}: not below ${data}`)
    return undefined
  }
  const start = performance.now()
  const dataset = await opener(path)
  console.log(`\n${dataset.corpus}: opened in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return dataset
}

const ravdess = await open('ravdess', openDataset)
if (ravdess !== undefined) {
  const summary = await inspectDataset(ravdess)
  check('clips', summary.samples, 1440)
  check('emotions', summary.emotions, {
    anger: 192,
    sadness: 192,
    fear: 192,
    disgust: 192,
    calm: 192,
    happiness: 192,
    neutral: 96,
    surprise: 192,
  })
  check('actors', Object.keys(summary.speakers).length, 24)
  check('problems', summary.problemCounts, { DUPLICATE: 1 })
  check(
    'the recording that is there twice',
    ravdess.samples.filter((sample) => sample.duplicateGroup !== undefined).map((sample) => sample.path),
    ['Actor_07/03-01-03-01-02-01-07.wav', 'Actor_07/03-01-03-01-02-02-07.wav'],
  )
  const folds = groupKFold(ravdess.samples, { by: 'speaker', folds: RAVDESS_FOLDS })
  check(
    'test clips of the five published folds',
    folds.map((fold) => fold.test.length),
    [300, 300, 300, 300, 240],
  )
  const audio = await readAudio(ravdess.samples[0], { sampleRate: 16_000 })
  check('rate of a clip', audio.sampleRate, 16_000)
}

const savee = await open('savee', openDataset)
if (savee !== undefined) {
  const { samples, emotions, speakers, problemCounts } = await inspectDataset(savee)
  check('clips', samples, 480)
  check('emotions', emotions, { anger: 60, sadness: 60, fear: 60, disgust: 60, happiness: 60, neutral: 120, surprise: 60 })
  check('speakers', speakers, { DC: 120, JE: 120, JK: 120, KL: 120 })
  check('problems', problemCounts, {})
}

const emodb = await open('emodb', openDataset)
if (emodb !== undefined) {
  const { samples, emotions, speakers, problemCounts } = await inspectDataset(emodb)
  check('clips', samples, 535)
  check('emotions', emotions, { anger: 127, sadness: 62, fear: 69, disgust: 46, happiness: 71, neutral: 79, boredom: 81 })
  check('speakers', Object.keys(speakers).length, 10)
  check('problems', problemCounts, {})
}

const crema = await open('crema-d', openDataset)
if (crema !== undefined) {
  check(
    'clips all have votes, soft labels, sex and age',
    crema.samples.every(({ votes, softLabel, sex, age }) => votes && softLabel && sex && age),
    true,
  )
}

const fer = await open('fer2013', openDataset)
if (fer !== undefined) {
  const { splits, alsoInTest, duplicateGroups } = await inspectDataset(fer)
  check('corpus', fer.corpus, 'fer2013')
  check('images', splits, { train: 28_558, validation: 3579 })
  check('training images identical to test images', alsoInTest, 692)
  check('groups of identical images', duplicateGroups, 1270)
  const split = officialSplit(fer)
  assertNoLeak(split.train, [...split.validation, ...split.test])
  check('cleaned training images', split.train.length, 28_558 - 692)
}

const ferPlus = await open('fer2013', openFerPlus)
if (ferPlus !== undefined) {
  const { splits, alsoInTest } = await inspectDataset(ferPlus)
  check('images', splits, { train: 28_558, validation: 3579 })
  check('training images identical to test images', alsoInTest, 692)
  if (fer !== undefined) {
    const rows = new Map(fer.samples.map((sample) => [sample.row, sample.contentHash]))
    check(
      'images equal to the csv rows of their number',
      ferPlus.samples.filter((sample) => rows.get(sample.row) === sample.contentHash).length,
      32_137,
    )
    check('size of an image', (await readImage(ferPlus.samples[0])).data.length, 48 * 48)
  }
}

console.log(`\n${passed} passed, ${failed} failed`)
// No corpus at all is a wrong folder.
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
