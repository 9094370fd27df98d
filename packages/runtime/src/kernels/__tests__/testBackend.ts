import { createRequire } from 'node:module'
import * as tf from '../../tf.ts'
import '@tensorflow/tfjs-backend-cpu'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { registerKernels } from '../registerKernels.ts'
import type { KernelVariant } from '../kernelModule.ts'

const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm')

/** The WASM backend with one build of the kernels; the CPU backend is there as a reference. */
export async function startTestBackend(variant?: KernelVariant): Promise<void> {
  setWasmPaths(wasm.slice(0, wasm.lastIndexOf('/') + 1))
  await tf.setBackend('wasm')
  await tf.ready()
  await registerKernels({ variant })
}

/** Runs `compute` on the CPU backend and returns the values of what it returns. */
export async function onCpu(compute: () => tf.Tensor | tf.Tensor[]): Promise<Float32Array[]> {
  const before = tf.getBackend()
  await tf.setBackend('cpu')
  try {
    return valuesOf(compute)
  } finally {
    await tf.setBackend(before)
  }
}

/** Values of the tensors that `compute` returns, everything disposed. */
export function valuesOf(compute: () => tf.Tensor | tf.Tensor[]): Float32Array[] {
  return tf.tidy(() => {
    const result = compute()
    return (Array.isArray(result) ? result : [result]).map((tensor) => Float32Array.from(tensor.dataSync()))
  })
}

/** Largest absolute difference relative to the largest reference value (at least `least`). */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, least = 1e-3): number {
  if (actual.length !== expected.length) return Infinity
  let largest = least
  let difference = 0
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]))
    // A NaN anywhere must count.
    const d = Math.abs(actual[i] - expected[i])
    difference = d <= difference ? difference : d
  }
  return difference / largest
}

/** `count` reproducible values in [-1, 1). */
export function randomValues(count: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}
