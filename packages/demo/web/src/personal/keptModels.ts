import type { Modality } from '../../../src/prediction.ts'
import type { ModelFiles } from './protocol.ts'

/** Where browsers keep what the person asked to keep. */
const CACHE = 'emo-own-models'
const FORMAT = 'emo-own-model'
const VERSION = 1

/** Keeps a model on this device until {@link forget}. */
export async function keep(modality: Modality, model: ModelFiles): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.put(address(modality), new Response(packModel(modality, model)))
}

/** Forgets the kept model, if there is one. */
export async function forget(modality: Modality): Promise<void> {
  if (!(await caches.has(CACHE))) return
  const cache = await caches.open(CACHE)
  await cache.delete(address(modality))
  if ((await cache.keys()).length === 0) await caches.delete(CACHE)
}

/** The kept model; nothing where none is, or where the browser keeps nothing (private windows). */
export async function kept(modality: Modality): Promise<ModelFiles | undefined> {
  try {
    if (!(await caches.has(CACHE))) return undefined
    const found = await (await caches.open(CACHE)).match(address(modality))
    return found && (await unpackModel(modality, await found.blob()))
  } catch {
    return undefined
  }
}

/** A model as one file: a line of JSON, then the weights. */
export function packModel(modality: Modality, { modelJson, weights }: ModelFiles): Blob {
  return new Blob([`${JSON.stringify({ format: FORMAT, version: VERSION, modality, modelJson })}\n`, weights], {
    type: 'application/octet-stream',
  })
}

/**
 * Reads what {@link packModel} wrote.
 *
 * @throws Error in words for the person
 */
export async function unpackModel(modality: Modality, file: Blob): Promise<ModelFiles> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const end = bytes.indexOf(10)
  let head: { format?: unknown; version?: unknown; modality?: unknown; modelJson?: unknown } = {}
  try {
    head = (JSON.parse(new TextDecoder().decode(bytes.subarray(0, Math.max(0, end)))) as typeof head | null) ?? {}
  } catch {
    // Told below.
  }
  if (head.format !== FORMAT || typeof head.modelJson !== 'object' || head.modelJson === null) {
    throw new Error('This file is not a model that this page exported.')
  }
  if (head.version !== VERSION) throw new Error('This model was exported by another version of this page.')
  if (head.modality !== modality) {
    throw new Error(
      `This is a model of ${head.modality === 'face' ? 'faces' : 'voices'}: choose ${head.modality === 'face' ? 'Face' : 'Voice'} first.`,
    )
  }
  return { modelJson: head.modelJson, weights: bytes.slice(end + 1) }
}

function address(modality: Modality): string {
  return new URL(`./own-models/${modality}`, document.baseURI).href
}
