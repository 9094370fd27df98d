// Compiles assembly/ twice, for SIMD and for relaxed SIMD (fused multiply-add), and embeds both in src/kernels/kernelBinaries.generated.ts.
// `--check` compares instead of writing.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = new URL('../src/kernels/kernelBinaries.generated.ts', import.meta.url)

/** The module imports the TensorFlow.js backend's memory, so it may own none of it: no data, no stack, no heap. */
const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--use', 'abort=']

async function compile(features) {
  const args = ['assembly/index.ts', '--baseDir', root, ...flags, '--outFile', 'kernels.wasm']
  for (const feature of features) args.push('--enable', feature)
  let binary
  const { error, stderr } = await asc.main(args, {
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) binary = contents
    },
  })
  if (error || !binary) throw new Error(`assemblyscript: ${error?.message ?? 'no output'}\n${stderr.toString()}`)
  // Node 20 knows relaxed SIMD behind a flag only; the plain build is the same source.
  if (WebAssembly.validate(binary)) {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(binary)).map((i) => `${i.module}.${i.name}`)
    if (imports.join() !== 'env.memory') throw new Error(`the kernels import ${imports.join()}: only env.memory is there`)
  }
  return Buffer.from(binary)
}

const simd = await compile(['simd'])
const relaxedSimd = await compile(['simd', 'relaxed-simd'])
const source = `// Written by scripts/buildKernels.mjs from assembly/. Do not edit.

/** SIMD, ${simd.length} bytes. */
export const simdKernels =
  '${simd.toString('base64')}'

/** SIMD with fused multiply-add, ${relaxedSimd.length} bytes. */
export const relaxedSimdKernels =
  '${relaxedSimd.toString('base64')}'
`

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== source) {
    console.error('src/kernels/kernelBinaries.generated.ts is not what assembly/ compiles to: run `npm run kernels -w packages/runtime`')
    process.exitCode = 1
  }
} else {
  writeFileSync(target, source)
  console.log(`kernels: ${simd.length} bytes, relaxed ${relaxedSimd.length} bytes`)
}
