// After tsup: puts the WebAssembly file beside the modules that look for it, and the `tf` namespace's declarations beside its module.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))

const wasm = 'tfjs-backend-wasm-simd.wasm'
copyFileSync(createRequire(import.meta.url).resolve(`@tensorflow/tfjs-backend-wasm/dist/${wasm}`), `dist/${wasm}`)

for (const extension of ['d.ts', 'd.cts']) copyFileSync('src/tf.ts', `dist/tf.${extension}`)
for (const name of readdirSync('dist')) {
  if (!/\.(js|cjs|d\.ts|d\.cts)$/.test(name)) continue
  const text = readFileSync(`dist/${name}`, 'utf8')
  const extension = /\.c(js|ts)$/.test(name) ? 'cjs' : 'js'
  const changed = text.replace(/(['"])\.\.?\/tf\.ts\1/g, `$1./tf.${extension}$1`)
  if (changed !== text) writeFileSync(`dist/${name}`, changed)
}
