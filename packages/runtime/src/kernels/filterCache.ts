import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import { EmoError } from '@emo/errors'
import { kernels } from './kernelModule.ts'

/** What the allocator gave for a repacked filter, by the filter's data. */
type Cache = Map<object, number>

/** The allocator promises 8 bytes; a load of 16 across two cache lines takes twice the time. */
const alignment = 64

const caches = new WeakMap<BackendWasm, Cache>()

/**
 * Address of a filter's repacked copy, made by `pack` on first use and kept until the filter is disposed of, as the backend keeps its own.
 * Throws `KERNELS_OUT_OF_MEMORY` if the heap cannot grow that far.
 */
export function filterCache(filter: TensorInfo, bytes: () => number, pack: (filter: TensorInfo, target: number) => void): number {
  const { backend, heap } = kernels()
  const cache = caches.get(backend) ?? watch(backend)
  const found = cache.get(filter.dataId)
  if (found !== undefined) return align(found)
  const size = bytes() + alignment
  const block = heap._malloc(size) >>> 0
  if (block === 0) {
    throw new EmoError('KERNELS_OUT_OF_MEMORY', `The WASM heap has no room for ${size} bytes; dispose of tensors that are not needed.`)
  }
  pack(filter, align(block))
  cache.set(filter.dataId, block)
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
    const block = gone ? cache.get(dataId) : undefined
    if (block !== undefined) {
      cache.delete(dataId)
      heap._free(block)
    }
    return gone
  }
  return cache
}
