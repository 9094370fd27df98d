import { EmoError } from '@emo/errors'
import { readUrl, sha256Hex, tf } from '@emo/runtime'
import { detectorChecksums, detectorFiles } from './weightFiles.ts'

interface WeightEntry {
  readonly name: string
  readonly shape: number[]
  readonly quantization: { readonly scale: number; readonly min: number }
}

/** A weight as it is stored: 8 bits, of which `zero` means 0 and a step `scale`. */
export interface StoredWeight {
  readonly shape: number[]
  readonly bytes: Uint8Array
  readonly zero: number
  readonly scale: number
}

/**
 * Reads the face detector's weights, by name.
 *
 * @throws EmoError `WEIGHTS_UNREADABLE`, `WEIGHTS_DAMAGED`
 */
export async function readDetectorWeights(): Promise<ReadonlyMap<string, StoredWeight>> {
  return decodeDetectorWeights(...(await Promise.all([readUrl(detectorFiles.manifest), readUrl(detectorFiles.weights)])))
}

/** @throws EmoError `WEIGHTS_DAMAGED` for any bytes but those that the package was built with */
export async function decodeDetectorWeights(
  manifest: Uint8Array<ArrayBuffer>,
  binary: Uint8Array<ArrayBuffer>,
): Promise<ReadonlyMap<string, StoredWeight>> {
  const list = parseList(manifest)
  await Promise.all([
    checkBytes('list of weights', new TextEncoder().encode(JSON.stringify(list)), detectorChecksums.manifest),
    checkBytes('binary', binary, detectorChecksums.weights),
  ])
  const [{ weights: entries }] = list as [{ readonly weights: readonly WeightEntry[] }]
  const weights = new Map<string, StoredWeight>()
  let start = 0
  for (const { name, shape, quantization } of entries) {
    const length = tf.util.sizeFromShape(shape)
    // The smallest value is a whole number of steps below 0.
    const zero = Math.round(-quantization.min / quantization.scale)
    weights.set(name, { shape, bytes: binary.subarray(start, start + length), zero, scale: quantization.scale })
    start += length
  }
  return weights
}

function parseList(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new EmoError('WEIGHTS_DAMAGED', "The face detector's list of weights is not JSON; reinstall @emo/face-model.", { cause })
  }
}

async function checkBytes(name: string, bytes: Uint8Array<ArrayBuffer>, expected: string): Promise<void> {
  const sha256 = await sha256Hex(bytes)
  if (sha256 === expected) return
  throw new EmoError(
    'WEIGHTS_DAMAGED',
    `The face detector's ${name} is not what @emo/face-model was built with (${bytes.length} bytes, sha256 ${sha256}; expected ${expected}); reinstall it.`,
    { details: { bytes: bytes.length, sha256, expected } },
  )
}
