import { EmoError } from '@emo/errors'
import { nodeBuiltin } from '../nodeBuiltins.ts'

/** Called as bytes arrive; `total` is undefined when the server does not tell. */
export type ProgressListener = (loaded: number, total: number | undefined) => void

/** How a URL is read. */
export interface ReadOptions {
  /** Called as bytes arrive. */
  readonly onProgress?: ProgressListener
  /** Aborts the transfer; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * The bytes behind a URL: `file:` in Node, whatever `fetch` knows elsewhere.
 *
 * @throws {@link EmoError} `WEIGHTS_UNREADABLE`
 */
export async function readUrl(url: URL, { onProgress, signal }: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted()
  try {
    const fs = url.protocol === 'file:' ? nodeBuiltin('node:fs') : undefined
    if (fs !== undefined) {
      const bytes = new Uint8Array(await fs.promises.readFile(url, { signal }))
      onProgress?.(bytes.length, bytes.length)
      return bytes
    }
    const response = await fetch(url, { signal })
    if (!response.ok) throw new Error(`HTTP status ${response.status}`)
    return await readBody(response, onProgress)
  } catch (error) {
    signal?.throwIfAborted()
    throw new EmoError('WEIGHTS_UNREADABLE', `cannot read ${url.href}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
      details: { url: url.href },
    })
  }
}

async function readBody(response: Response, onProgress: ProgressListener | undefined): Promise<Uint8Array<ArrayBuffer>> {
  if (onProgress === undefined || response.body === null) return new Uint8Array(await response.arrayBuffer())
  // With a content encoding the header counts compressed bytes, the stream plain ones: no total then.
  const length = response.headers.has('content-encoding') ? 0 : Number(response.headers.get('content-length'))
  const total = length > 0 ? length : undefined
  const chunks: Uint8Array[] = []
  let loaded = 0
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read()
    if (done) break
    chunks.push(value)
    loaded += value.length
    onProgress(loaded, total)
  }
  const bytes = new Uint8Array(loaded)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
