import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { relaxedSimdKernels, simdKernels } from '../kernelBinaries.generated.ts'

it('the embedded kernels are what assembly/ compiles to', () => {
  const script = fileURLToPath(new URL('../../../scripts/buildKernels.mjs', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

it('the kernels own no memory: they import the backend’s and bring no data', () => {
  const module = new WebAssembly.Module(Buffer.from(simdKernels, 'base64'))
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
  expect(relaxedSimdKernels).not.toBe(simdKernels)
  const memory = new WebAssembly.Memory({ initial: 1 })
  new WebAssembly.Instance(module, { env: { memory } })
  expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true)
})
