import type { TensorInfo } from '@tensorflow/tfjs-core'
import { EmoError } from '@emo/errors'
import { kernels } from './kernelModule.ts'

/** Address of a tensor's values in the backend's memory. */
export function addressOf(tensor: TensorInfo): number {
  return kernels().backend.getMemoryOffset(tensor.dataId)
}

/** Address of an optional tensor, 0 for none. */
export function addressOrNull(tensor: TensorInfo | null | undefined): number {
  return tensor ? addressOf(tensor) : 0
}

/** A new float32 tensor with undefined contents. */
export function allocate(shape: readonly number[]): TensorInfo {
  return kernels().backend.makeOutput([...shape], 'float32')
}

/**
 * Lends blocks of the backend's heap, of the given sizes in bytes and 16-byte aligned, for the time of `use`.
 * Throws `KERNELS_OUT_OF_MEMORY` if the heap cannot grow that far.
 */
export function withScratch<T>(sizes: readonly number[], use: (...blocks: number[]) => T): T {
  const { heap } = kernels()
  let total = 16
  const offsets = sizes.map((size) => {
    const offset = total
    total += (size + 15) & ~15
    return offset
  })
  const base = heap._malloc(total) >>> 0
  if (base === 0) {
    throw new EmoError('KERNELS_OUT_OF_MEMORY', `The WASM heap has no room for ${total} bytes; use a smaller batch.`)
  }
  try {
    const aligned = (base + 15) & ~15
    return use(...offsets.map((offset) => aligned + offset - 16))
  } finally {
    heap._free(base)
  }
}

/** Bytes of B [depth, columns], `taps` of them, packed in panels of eight columns. */
export function packedBytes(columns: number, depth: number, taps = 1): number {
  return Math.ceil(columns / 8) * 32 * depth * taps
}

/** Tiles of rows that share a pass over the packed panels: BLOCK_TILES of assembly/matrixProduct.ts. */
export const productTiles = 12
/** Rows of a tile. */
export const tileRows = 4
/** Bytes of the addresses of a tile's rows. */
export const tileBytes = 4 * tileRows
/** Bytes of scratch of a product over rows: where each row of such a block is read and written. */
export const productScratchBytes = 2 * productTiles * tileBytes
