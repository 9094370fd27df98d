import { EmoError, EmoRangeError } from '@emo/errors'
import type { DecodedImage } from './reading/decodeImage.ts'
import type { Dataset, Sample } from './sample.ts'

export const kindOf = (given: unknown): string => (given === null ? 'null' : Array.isArray(given) ? 'a list' : typeof given)

/**
 * A list of samples, or what else gives them one by one where `oneByOne`. The declared types are not what every caller gives.
 *
 * @throws EmoError `SAMPLES_NOT_LIST` for a whole data set and the like
 */
export function checkSamples(name: string, given: unknown, oneByOne = false): void {
  if (Array.isArray(given)) {
    const at = given.findIndex((sample) => !isSample(sample))
    if (at < 0) return
    throw new EmoError('SAMPLES_NOT_LIST', `${name}[${at}] is ${describe(given[at])}; give samples, e.g. dataset.samples`, {
      details: { index: at },
    })
  }
  if (oneByOne && typeof given === 'object' && given !== null && Symbol.iterator in given) return
  throw new EmoError('SAMPLES_NOT_LIST', `${name} is ${kindOf(given)}; give a list of samples, e.g. dataset.samples`)
}

/** A value in the words of a message. */
export const describe = (given: unknown): string =>
  typeof given === 'number' ? String(given) : `${kindOf(given)}${typeof given === 'string' ? ` "${given.slice(0, 40)}"` : ''}`

const isSample = (given: unknown) => typeof given === 'object' && given !== null && !Array.isArray(given)

/** @throws EmoError `SAMPLE_EXPECTED` for a path and the like */
export function checkSample(given: unknown): void {
  if (isSample(given)) return
  throw new EmoError('SAMPLE_EXPECTED', `sample is ${describe(given)}; give one of dataset.samples`)
}

/** @throws EmoError `DATASET_EXPECTED` for a list of samples and the like */
export function checkDataset(given: Pick<Dataset, 'samples'>): void {
  if (Array.isArray((given as { samples?: readonly Sample[] } | null | undefined)?.samples)) return
  throw new EmoError(
    'DATASET_EXPECTED',
    `dataset is ${kindOf(given)} without samples; give what openRavdess, openFer2013 and the like return`,
  )
}

/** @throws EmoError `IMAGE_EXPECTED` for a path and the like */
export function checkImage(given: Pick<DecodedImage, 'data'>): void {
  if (ArrayBuffer.isView((given as { data?: unknown } | null | undefined)?.data)) return
  throw new EmoError('IMAGE_EXPECTED', `image is ${kindOf(given)} without pixels; give what decodeImage or readImage returns`)
}

/** @throws EmoRangeError `SPLIT_SEED_RANGE` */
export function checkSeed(seed: unknown): void {
  if (Number.isInteger(seed)) return
  throw new EmoRangeError('SPLIT_SEED_RANGE', `seed is ${String(seed)}; give a whole number, so that the split can be made again`, {
    details: { seed },
  })
}
