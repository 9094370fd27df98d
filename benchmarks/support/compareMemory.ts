import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { tf } from '@emo/runtime'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What may stay of the heap and the array buffers, in MiB: caches of the engine, not anything a call leaves behind. */
const slack = 2

/** Tensors, their bytes, heap, array buffers and the memory of the WebAssembly module (MiB) after a full collection. */
function measure() {
  collect()
  collect()
  const { numTensors, numBytes } = tf.memory()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }
  return {
    tensors: numTensors,
    tensorBytes: numBytes,
    heap: heapUsed / 2 ** 20,
    buffers: arrayBuffers / 2 ** 20,
    wasm: wasm.HEAPU8.byteLength / 2 ** 20,
  }
}

/**
 * Does something many times and prints what memory holds before and after, warmed up. The process ends with status 1 if a tensor, a page of WebAssembly memory or more
 * than 2 MiB of heap stays.
 */
export function compareMemory(title: string, count: number, warmUp: number, run: (index: number) => void): void {
  for (let i = 0; i < warmUp; i++) run(i)
  const before = measure()
  for (let i = 0; i < count; i++) run(i)
  const after = measure()
  const pair = (key: keyof typeof before, digits: number) => `${before[key].toFixed(digits)} -> ${after[key].toFixed(digits)}`
  console.log(
    `${title}: tensors ${pair('tensors', 0)}, their bytes ${pair('tensorBytes', 0)}, heap ${pair('heap', 2)} MiB, buffers ${pair('buffers', 2)} MiB, WebAssembly ${pair('wasm', 2)} MiB`,
  )
  const kept = after.heap + after.buffers - before.heap - before.buffers
  if (after.tensors !== before.tensors || after.tensorBytes !== before.tensorBytes || after.wasm !== before.wasm || kept > slack)
    process.exitCode = 1
}
