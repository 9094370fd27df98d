// @emo/dsp beside its peers: same clip, same parameters, one thread, after warm-up. `npm run dsp -w benchmarks`
import { createRequire } from 'node:module'
import FFT from 'fft.js'
import libsamplerate from '@alexanderolsen/libsamplerate-js'
import { Bench } from 'tinybench'
import * as dsp from '@emo/dsp'

const require = createRequire(import.meta.url)
const Meyda = require('meyda')
const { Essentia, EssentiaWASM } = require('essentia.js')

const sampleRate = 16000
const nFft = 512
const hopLength = 160
const options = { sampleRate, nFft, hopLength, nMels: 40, nMfcc: 13 }

/** Ten seconds that are neither silent nor periodic. */
function clip(rate) {
  let state = 1
  return Float32Array.from({ length: 10 * rate }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    const t = i / rate
    return 0.4 * Math.sin(2 * Math.PI * (120 + 40 * Math.sin(3 * t)) * t) * (0.6 + 0.4 * Math.sin(20 * t)) + (0.05 * state) / 2 ** 31
  })
}

const signal = clip(sampleRate)
const frames = 1 + Math.floor((signal.length - nFft) / hopLength)
const frameOf = (t) => signal.subarray(t * hopLength, t * hopLength + nFft)

const fft = new FFT(nFft)
const spectrum = fft.createComplexArray()
const plain = Array.from({ length: frames }, (_, t) => Array.from(frameOf(t)))

Object.assign(Meyda, { sampleRate, bufferSize: nFft, melBands: 40, numberOfMFCCCoefficients: 13, windowingFunction: 'hanning' })
function meyda(features) {
  for (let t = 0; t < frames; t++) Meyda.extract(features, frameOf(t))
}

const essentia = new Essentia(EssentiaWASM)
function essentiaMfcc() {
  for (let t = 0; t < frames; t++) {
    const vector = essentia.arrayToVector(frameOf(t))
    const windowed = essentia.Windowing(vector, true, nFft, 'hann').frame
    const magnitudes = essentia.Spectrum(windowed, nFft).spectrum
    const { mfcc, bands } = essentia.MFCC(magnitudes, 2, sampleRate / 2, nFft / 2 + 1, 0, 'dbamp', 1, 'unit_sum', 40, 13, sampleRate)
    for (const held of [vector, windowed, magnitudes, mfcc, bands]) held.delete()
  }
}

const clip48 = clip(48000)
const clip44 = clip(44100)
const { create, ConverterType } = libsamplerate
const src = (from, converterType) => create(1, from, 16000, { converterType })
const medium48 = await src(48000, ConverterType.SRC_SINC_MEDIUM_QUALITY)
const fastest48 = await src(48000, ConverterType.SRC_SINC_FASTEST)
const medium44 = await src(44100, ConverterType.SRC_SINC_MEDIUM_QUALITY)

const stream = new dsp.FeatureStream({ ...options, features: [{ name: 'mfcc', nMels: 40, nMfcc: 13 }] })

/** Groups of tasks; the first of a group is what the others are divided by. */
const groups = {
  'MFCC, 10 s at 16 kHz, nFft 512, hop 160, 40 mels, 13 coefficients': {
    'fft.js: bare real FFTs of the same frames': () => plain.forEach((frame) => fft.realTransform(spectrum, frame)),
    '@emo/dsp mfcc': () => dsp.mfcc(signal, options),
    '@emo/dsp melSpectrogram': () => dsp.melSpectrogram(signal, options),
    '@emo/dsp FeatureStream, chunks of 128': () => {
      for (let at = 0; at < signal.length; at += 128) stream.push(signal.subarray(at, at + 128))
    },
    'meyda mfcc': () => meyda('mfcc'),
    'essentia.js MFCC, a frame a call': essentiaMfcc,
  },
  'RMS and zero-crossing rate, the same frames': {
    '@emo/dsp rms + zeroCrossingRate': () => {
      dsp.rms(signal, { frameLength: nFft, hopLength })
      dsp.zeroCrossingRate(signal, { frameLength: nFft, hopLength })
    },
    'meyda rms + zcr': () => meyda(['rms', 'zcr']),
  },
  'Resampling 10 s from 48 to 16 kHz': {
    '@emo/dsp resample (flat to 0.9 of Nyquist, -96 dB)': () => dsp.resample(clip48, { from: 48000, to: 16000 }),
    'libsamplerate-js medium (0.90, -121 dB)': () => medium48.simple(clip48),
    'libsamplerate-js fastest (0.80, -97 dB)': () => fastest48.simple(clip48),
  },
  'Resampling 10 s from 44.1 to 16 kHz': {
    '@emo/dsp resample': () => dsp.resample(clip44, { from: 44100, to: 16000 }),
    'libsamplerate-js medium': () => medium44.simple(clip44),
  },
}

/** Milliseconds that this process has computed: what else runs on the machine does not count. */
function cpuTime() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

for (const [title, tasks] of Object.entries(groups)) {
  const best = Object.fromEntries(Object.keys(tasks).map((name) => [name, Infinity]))
  // Rounds in turn, and the quickest run of each task: other work on the machine then disturbs all alike, and least.
  for (let round = 0; round < 5; round++) {
    const bench = new Bench({
      now: cpuTime,
      time: 150,
      iterations: 3,
      warmupTime: round === 0 ? 100 : 0,
      warmupIterations: 1,
      throws: true,
    })
    for (const [name, task] of Object.entries(tasks)) bench.add(name, task)
    await bench.run()
    for (const { name, result } of bench.tasks) best[name] = Math.min(best[name], result.latency.min)
  }
  const base = Object.values(best)[0]
  console.log(`\n### ${title}\n\n| | CPU ms | ratio |\n|---|---:|---:|`)
  for (const [name, ms] of Object.entries(best)) console.log(`| ${name} | ${ms.toFixed(2)} | ${(ms / base).toFixed(2)} |`)
}
