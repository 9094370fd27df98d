import { resample } from '@emo/dsp'
import type { Random } from '@emo/runtime'

/**
 * What a poor microphone in a room makes of a clip: a spectral tilt, at times the band of a telephone, and noise of a random colour at
 * 5 to 30 dB below the voice. Works on samples, so that every feature sees it.
 */
export function degrade(samples: Float32Array, sampleRate: number, random: Random): Float32Array {
  let signal: Float32Array = new Float32Array(samples.length)
  const tilt = random.uniform(-0.6, 0.8)
  for (let i = 0; i < signal.length; i++) signal[i] = samples[i] + (i === 0 ? 0 : tilt * samples[i - 1])
  if (random.next() < 0.2) {
    const narrow = resample(signal, { from: sampleRate, to: 8000 })
    signal = resample(narrow, { from: 8000, to: sampleRate })
  }
  const noise = new Float32Array(signal.length)
  // A one-pole low-pass between white and almost brown noise.
  const colour = random.uniform(0, 0.95)
  for (let i = 1; i < noise.length; i++) noise[i] = colour * noise[i - 1] + random.normal()
  const snr = random.uniform(5, 30)
  const scale = Math.sqrt(energyOfVoice(signal) / (energy(noise, 0, noise.length) * 10 ** (snr / 10) + 1e-20))
  for (let i = 0; i < signal.length; i++) signal[i] += scale * noise[i]
  return signal
}

/** Mean square of the louder half of the signal's blocks: pauses must not count. */
function energyOfVoice(signal: Float32Array): number {
  const block = 512
  const energies: number[] = []
  for (let start = 0; start + block <= signal.length; start += block) energies.push(energy(signal, start, start + block))
  energies.sort((a, b) => b - a)
  const loud = energies.slice(0, Math.max(1, energies.length >> 1))
  return loud.reduce((sum, value) => sum + value, 0) / loud.length
}

function energy(signal: Float32Array, start: number, end: number): number {
  let sum = 0
  for (let i = start; i < end; i++) sum += signal[i] * signal[i]
  return sum / Math.max(1, end - start)
}
