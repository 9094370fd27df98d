import { expect, test } from 'vitest'
import { startBackend, tf } from '../index.ts'

test('concurrent starts share one backend, single-threaded, and leave the process listeners alone', async () => {
  const before = process.listenerCount('unhandledRejection') + process.listenerCount('uncaughtException')
  await Promise.all([startBackend(), startBackend()])
  expect(tf.getBackend()).toBe('wasm')
  const backend = tf.backend()
  await startBackend()
  expect(tf.backend()).toBe(backend)
  expect(tf.env().getBool('WASM_HAS_MULTITHREAD_SUPPORT')).toBe(false)
  expect(process.listenerCount('unhandledRejection') + process.listenerCount('uncaughtException')).toBe(before)
  expect(Array.from(tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync()))).toEqual([11])
})

test('makes the WASM backend current again after the program chose another', async () => {
  tf.registerBackend('other', () => Object.assign(new tf.KernelBackend(), { dispose: () => undefined }))
  await tf.setBackend('other')
  await startBackend()
  expect(tf.getBackend()).toBe('wasm')
})

test('an engine without SIMD gets an error with a code', async () => {
  tf.env().set('WASM_HAS_SIMD_SUPPORT', false)
  await expect(startBackend()).rejects.toMatchObject({ code: 'SIMD_UNSUPPORTED' })
  tf.env().set('WASM_HAS_SIMD_SUPPORT', true)
  await startBackend()
})
