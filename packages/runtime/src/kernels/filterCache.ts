import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import { EmoError } from '@emo/errors'
import { kernels } from './kernelModule.ts'

/** What the allocator gave for repacked filters, by the filter's data and the way it is packed. */
type Cache = Map<object, Map<number, number>>

/** The allocator promises 8 bytes; a load of 16 across two cache lines takes twice the time. */
const alignment = 64

const caches = new WeakMap<BackendWasm, Cache>()

/**
 * Address of a filter's repacked copy, made by `pack` on first use and kept until the filter is disposed of, as the backend keeps its own.
 * Throws `KERNELS_OUT_OF_MEMORY` if the heap cannot grow that far.
 *
 * @param layout - tells the ways apart in which one filter may be packed
 */
export function filterCache(filter: TensorInfo, layout: number, bytes: number, pack: (target: number) => void): number {
  const { backend, heap } = kernels()
  const cache = caches.get(backend) ?? watch(backend)
  const found = cache.get(filter.dataId)?.get(layout)
  if (found !== undefined) return align(found)
  const size = bytes + alignment
  const block = heap._malloc(size) >>> 0
  if (block === 0) {
    throw new EmoError('KERNELS_OUT_OF_MEMORY', `The WASM heap has no room for ${size} bytes; dispose of tensors that are not needed.`)
  }
  pack(align(block))
  const copies = cache.get(filter.dataId) ?? new Map<number, number>()
  cache.set(filter.dataId, copies.set(layout, block))
  return align(block)
}

function align(address: number): number {
  return Math.ceil(address / alignment) * alignment
}

/** Frees the copies of disposed filters from now on. */
function watch(backend: BackendWasm): Cache {
  const cache: Cache = new Map()
  caches.set(backend, cache)
  const heap = backend.wasm as unknown as { _free(address: number): void }
  const disposeData = backend.disposeData.bind(backend)
  backend.disposeData = (dataId, force) => {
    const gone = disposeData(dataId, force)
    if (gone) {
      for (const block of cache.get(dataId)?.values() ?? []) heap._free(block)
      cache.delete(dataId)
    }
    return gone
  }
  return cache
}
