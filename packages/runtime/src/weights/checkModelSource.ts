import { describeValue, EmoError } from '@emo/errors'
import type { ModelSource } from './loadModel.ts'

const url = 'a URL (of a path, in Node: pathToFileURL(path) of node:url)'

/** The declared type is not what every caller gives: paths above all. Throws `MODEL_SOURCE_INVALID`. */
export function checkModelSource(source: unknown): asserts source is ModelSource {
  if (typeof source !== 'object' || source === null) throw invalid('source', source, '{ modelJson, weights }')
  const { modelJson, weights } = source as Partial<Record<keyof ModelSource, unknown>>
  if (typeof modelJson !== 'object') throw invalid('modelJson', modelJson, `the parsed JSON or ${url}`)
  // By name: memory of another realm is as good.
  if (!(weights instanceof URL) && !/(Uint8Array|ArrayBuffer)\]$/.test(Object.prototype.toString.call(weights))) {
    throw invalid('weights', weights, `a Uint8Array, an ArrayBuffer or ${url}`)
  }
}

function invalid(name: string, value: unknown, wanted: string): EmoError {
  return new EmoError('MODEL_SOURCE_INVALID', `${name} is ${describeValue(value)}; give ${wanted}`, { details: { [name]: value } })
}
