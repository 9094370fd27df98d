// The contender of lstm.ts that needs a process of its own: tfjs-layers on TensorFlow.js' WASM backend as it comes from npm.
// Prints JSON: median and shortest milliseconds, and milliseconds of processor time, of the forward pass and of a training step.
import { createRequire } from 'node:module'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as core from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import { measure, network, trainingStep } from './lstmTask.ts'

const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm')
setWasmPaths(wasm.slice(0, wasm.lastIndexOf('/') + 1))
await core.setBackend('wasm')
const tf = { ...core, ...layers } as typeof core & typeof layers

const initializer = 'glorotUniform'
const model = network(tf, (options) => tf.layers.lstm({ ...options, kernelInitializer: initializer, recurrentInitializer: initializer }))
const clip = tf.randomNormal<core.Rank.R3>([1, 100, 40])
const forward = await measure(() => tf.tidy(() => (model.apply(clip) as core.Tensor).dataSync()), 30)
const step = await measure(trainingStep(tf, model), 4)
console.log(JSON.stringify({ forward, step }))
