import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { serialize } from 'node:v8'
import { assertNoLeak, officialSplit, openFer2013, readImage, type Sample } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import { faceEmotions, ferPlusEmotions } from '../src/faceEmotions.ts'
import { faceSize, type FaceData, type FaceSet } from './faceSet.ts'

/**
 * Reads FER2013 with FERPlus' votes, leaves out the training rows that must not be trained on, and keeps the result in `cache` as one file for the replicas.
 *
 * @param data - folder with `fer2013.csv` and `fer2013new.csv`, or one above it (`fer2013/`)
 * @returns path of the cache file, for `loadFaceData`
 * @throws EmoError as `openFer2013` and `assertNoLeak` do; `CORPUS_NOT_FOUND` when a side is empty
 */
export async function prepareFaceData(data: string, cache: string): Promise<string> {
  const folder = existsSync(join(data, 'fer2013')) ? join(data, 'fer2013') : data
  const path = join(cache, `${cacheName(folder)}.faces`)
  if (existsSync(path)) return path

  const { train, validation, excluded } = officialSplit(await openFer2013(folder), { dropAmbiguous: true })
  if (train.length === 0 || validation.length === 0) {
    throw new EmoError(
      'CORPUS_NOT_FOUND',
      `${folder} has ${train.length} training and ${validation.length} PublicTest images of FER2013; both are needed.`,
    )
  }
  assertNoLeak(train, validation)
  const alsoInTest = excluded.filter(({ sample }) => sample.alsoInTest).length
  const prepared: FaceData = {
    train: await readSet(train),
    validation: await readSet(validation),
    leftOut: { alsoInTest, ambiguous: excluded.length - alsoInTest },
  }
  mkdirSync(cache, { recursive: true })
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, serialize(prepared))
  renameSync(unfinished, path)
  return path
}

function cacheName(folder: string): string {
  const hash = createHash('sha256').update(resolve(folder))
  for (const name of ['fer2013.csv', 'fer2013new.csv']) {
    const file = join(folder, name)
    if (existsSync(file)) hash.update(`${name} ${statSync(file).size} ${statSync(file).mtimeMs}`)
  }
  return hash.digest('hex').slice(0, 16)
}

async function readSet(samples: readonly Sample[]): Promise<FaceSet> {
  const area = faceSize * faceSize
  const classes = ferPlusEmotions.length
  const count = samples.length
  const pixels = new Uint8Array(count * area)
  const labels = new Uint8Array(count)
  const votes = new Float32Array(count * classes)
  const majority = new Uint8Array(count).fill(255)
  const alsoInTrain = new Uint8Array(count)
  for (const [index, sample] of samples.entries()) {
    const image = await readImage(sample)
    if (image.width !== faceSize || image.height !== faceSize) {
      throw new EmoError('IMAGE_SIZE', `${sample.id} is ${image.width} x ${image.height}, not ${faceSize} x ${faceSize}.`)
    }
    const channels = image.data.length / area
    for (let i = 0; i < area; i++) pixels[index * area + i] = image.data[i * channels]
    const label = faceEmotions.findIndex((emotion) => emotion === sample.emotion)
    if (label < 0) throw new EmoError('LABEL_UNKNOWN', `${sample.id} is labelled ${String(sample.emotion)}, which FER2013 does not have.`)
    labels[index] = label
    ferPlusEmotions.forEach((emotion, k) => {
      votes[index * classes + k] = sample.softLabel?.[emotion] ?? 0
    })
    majority[index] = majorityOf(sample.votes)
    alsoInTrain[index] = sample.alsoInTrain ? 1 : 0
  }
  return { count, pixels, labels, votes, majority, alsoInTrain }
}

/** The option with more than half of all votes, when it is an emotion. */
function majorityOf(votes: Readonly<Record<string, number>> | undefined): number {
  if (votes === undefined) return 255
  const total = Object.values(votes).reduce((sum, count) => sum + count, 0)
  const index = ferPlusEmotions.findIndex((emotion) => votes[emotion] * 2 > total)
  return index < 0 ? 255 : index
}
