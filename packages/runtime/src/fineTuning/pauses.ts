import { EmoError } from '@emo/errors'

/** How long work may keep everything else waiting, in milliseconds: a page still feels at hand. */
const patience = 30

/**
 * Pauses for work in many small parts, to be awaited before each: lets a page draw and other work go on when it is time, and stops the work once the signal
 * says so.
 *
 * @throws EmoError `FINE_TUNE_ABORTED`, by the promise
 */
export function createPauses(signal?: AbortSignal): () => Promise<void> {
  let begin = performance.now()
  return async () => {
    if (performance.now() - begin > patience) {
      await new Promise((resolve) => setTimeout(resolve, 0))
      begin = performance.now()
    }
    if (signal?.aborted) throw new EmoError('FINE_TUNE_ABORTED', 'fine-tuning was aborted', { cause: signal.reason })
  }
}
