// Features of a clip (offline) and of an oscillator (in real time), computed on the audio thread and, where the signal is known, in the page.
import { extractFeatures, featureProcessorName, resample } from '@emo/dsp'

const features = {
  sampleRate: 16000,
  nFft: 512,
  hopLength: 160,
  features: [{ name: 'mfcc', nMfcc: 13, nMels: 40 }, 'rms', 'zeroCrossingRate', { name: 'yin', fMin: 100, fMax: 500 }],
}

/** A node that computes the features, and all the values that it posts until `enough` says so. */
async function listen(context, enough) {
  await context.audioWorklet.addModule(new URL('@emo/dsp/worklet', import.meta.url))
  const node = new AudioWorkletNode(context, featureProcessorName, { numberOfOutputs: 0, processorOptions: { features } })
  const values = []
  const collected = new Promise((resolve, reject) => {
    node.onprocessorerror = () => reject(new Error('the processor failed'))
    node.port.onmessage = ({ data }) => {
      if (data.type === 'error') reject(new Error(`${data.code} ${data.message}`))
      if (data.type !== 'frames') return
      for (const value of data.data) values.push(value)
      if (enough(data, values)) resolve(values)
    }
  })
  return { node, collected }
}

async function clip() {
  const bytes = await (await fetch('/1001_DFA_ANG_XX.wav')).arrayBuffer()
  const context = new OfflineAudioContext({ numberOfChannels: 1, length: 2 * 48000, sampleRate: 48000 })
  const buffer = await context.decodeAudioData(bytes)
  const { node, collected } = await listen(context, ({ last }) => last)
  const source = new AudioBufferSourceNode(context, { buffer })
  source.connect(node)
  source.start()
  await context.startRendering()
  node.port.postMessage({ type: 'flush' })
  // The context plays whole blocks of 128 samples.
  const samples = new Float32Array(2 * 48000)
  samples.set(buffer.getChannelData(0).subarray(0, samples.length))
  return { worklet: await collected, batch: [...extractFeatures(resample(samples, { from: 48000, to: 16000 }), features).data] }
}

async function oscillator() {
  const context = new AudioContext()
  const { node, collected } = await listen(context, (_, values) => values.length >= 60 * 16)
  const source = new OscillatorNode(context, { frequency: 220 })
  source.connect(node)
  source.start()
  await context.resume()
  const values = await collected
  await context.close()
  return { contextSampleRate: context.sampleRate, row: values.slice(50 * 16, 51 * 16) }
}

async function run() {
  return { clip: await clip(), oscillator: await oscillator() }
}

run().then(
  (answer) => (globalThis.answer = { answer }),
  (error) => (globalThis.answer = { error: `${error.code ?? ''} ${error.stack ?? error}` }),
)
