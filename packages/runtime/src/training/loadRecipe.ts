import { setFlagsFromString } from 'node:v8'
import { EmoError } from '@emo/errors'
import { startBackend } from '../startBackend.ts'
import type { CreateJob } from './job.ts'

/**
 * Lets V8 compile relaxed SIMD (fused multiply-add), which Node 20 has behind a flag and later ones by default. Has no effect on modules
 * compiled before.
 */
export function enableRelaxedSimd(): void {
  if (Number(process.versions.node.split('.')[0]) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd')
}

/** Starts the backend and imports a recipe module. @throws {@link EmoError} `TRAINING_RECIPE` when it exports no `createJob` */
export async function loadRecipe(url: string): Promise<CreateJob<unknown, unknown>> {
  await startBackend()
  const { createJob } = (await import(url)) as { createJob?: unknown }
  if (typeof createJob !== 'function')
    throw new EmoError('TRAINING_RECIPE', `the recipe ${url} exports no function createJob`, { details: { url } })
  return createJob as CreateJob<unknown, unknown>
}
