import { integer, numbersOf, positive, samplesOf, type Signal } from './internal/check.ts'
import { eachFrame, framesOf } from './internal/frames.ts'
import { roundHalfEven } from './internal/roundHalfEven.ts'
import { isTrough, parabolicShift, periodicity, type PitchOptions } from './internal/periodicity.ts'

/** Options of {@link pyin}; names and defaults are librosa's. */
export interface PyinOptions extends PitchOptions {
  /** Thresholds that the first minimum is sought below (default 100). */
  nThresholds?: number
  /** Parameters of the Beta distribution of those thresholds (default [2, 18]). */
  betaParameters?: readonly [number, number]
  /** Parameter of the Boltzmann distribution that prefers the first of several minima (default 2). */
  boltzmannParameter?: number
  /** Resolution of pitch in semitones (default 0.1). */
  resolution?: number
  /** Largest change of pitch in octaves a second (default 35.92). */
  maxTransitionRate?: number
  /** Probability of a change between voiced and unvoiced from one frame to the next (default 0.01). */
  switchProb?: number
  /** Probability given to the lowest minimum where none is below a threshold (default 0.01). */
  noTroughProb?: number
  /** f0 of unvoiced frames (default NaN); null leaves the best guess. */
  fillNa?: number | null
}

const limits = {
  nThresholds: [100, 1, 1e5],
  boltzmannParameter: [2, 1e-9, 1e9],
  resolution: [0.1, 1e-3, 1],
  maxTransitionRate: [35.92, 1e-9, 1e9],
  switchProb: [0.01, 0, 1],
  noTroughProb: [0.01, 0, 1],
} as const

/** What {@link pyin} finds, one value a frame each. */
export interface PyinResult {
  /** Fundamental frequency in Hz; `fillNa` where unvoiced. */
  readonly f0: Float32Array
  /** 1 where the frame is voiced, else 0. */
  readonly voiced: Uint8Array
  /** Probability that the frame is voiced. */
  readonly voicedProbability: Float32Array
}

/** log of the smallest normal number: librosa's stand-in for log 0. */
const logZero = Math.log(2.2250738585072014e-308)
const logOf = (p: number) => (p === 0 ? logZero : Math.log(p))

/**
 * Fundamental frequency and voicing by probabilistic YIN (Mauch and Dixon 2014): pitch candidates under many thresholds, and the most likely
 * path through them (Viterbi); equal to `librosa.pyin`.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate`, `fMin`, `fMax` in Hz are required
 * @returns f0 in Hz, voicing and its probability
 * @throws EmoRangeError as {@link yin}
 */
export function pyin(signal: Signal, options: PyinOptions): PyinResult {
  const plan = periodicity(options)
  const { sampleRate, difference, minPeriod, grid } = plan
  const { betaParameters = [2, 18], fillNa = NaN, fMin, fMax } = options
  const { nThresholds, boltzmannParameter, resolution, maxTransitionRate, switchProb, noTroughProb } = numbersOf(options, limits)
  const [alpha, beta] = betaParameters.map((parameter) => positive('betaParameters', parameter))
  const samples = samplesOf(signal)
  const frames = framesOf(samples.length, grid)

  const cells = Math.ceil(1 / resolution)
  const bins = Math.floor(12 * cells * Math.log2(fMax / fMin)) + 1
  integer('nThresholds', nThresholds)
  const thresholds = Float64Array.from({ length: nThresholds }, (_, i) => (i + 1) / nThresholds)
  const prior = thresholds.map((_, i) => betaWeight(i / nThresholds, 1 / nThresholds, alpha, beta))
  const total = prior.reduce((sum, p) => sum + p, 0)
  for (let i = 0; i < nThresholds; i++) prior[i] /= total

  // 1. Observations: the probability of every pitch bin in every frame; what is left is unvoiced.
  const observed = new Float64Array(frames * bins)
  const voicedProbability = new Float32Array(frames)
  eachFrame(samples, grid, (data, offset, t) => {
    plan.analyse(data, offset)
    const troughs: number[] = []
    for (let i = 0; i < difference.length; i++) if (isTrough(difference, i)) troughs.push(i)
    const probabilities = new Float64Array(troughs.length)
    let deepest = 0
    for (let k = 0; k < troughs.length; k++) if (difference[troughs[k]] < difference[troughs[deepest]]) deepest = k
    for (let i = 0; i < nThresholds; i++) {
      const below = troughs.filter((at) => difference[at] < thresholds[i]).length
      if (below === 0) {
        if (troughs.length > 0) probabilities[deepest] += noTroughProb * prior[i]
        continue
      }
      const scale = (prior[i] * (1 - Math.exp(-boltzmannParameter))) / (1 - Math.exp(-boltzmannParameter * below))
      for (let k = 0, position = 0; k < troughs.length; k++) {
        if (difference[troughs[k]] < thresholds[i]) probabilities[k] += scale * Math.exp(-boltzmannParameter * position++)
      }
    }
    for (let k = 0; k < troughs.length; k++) {
      if (probabilities[k] === 0) continue
      const period = minPeriod + troughs[k] + parabolicShift(difference, troughs[k])
      const bin = Math.max(0, Math.round(12 * cells * Math.log2(sampleRate / period / fMin)))
      // A pitch above the last bin counts as unvoiced, as in librosa.
      if (bin < bins) observed[t * bins + bin] = probabilities[k]
    }
    let sum = 0
    for (let b = 0; b < bins; b++) sum += observed[t * bins + b]
    voicedProbability[t] = Math.min(1, sum)
  })

  // 2. The most likely path. States 0 to bins - 1 are voiced, the rest unvoiced at the same pitches.
  const states = decode(observed, frames, bins, transitions(bins, cells, maxTransitionRate, grid.hopLength, sampleRate, switchProb))
  const f0 = new Float32Array(frames)
  const voiced = new Uint8Array(frames)
  for (let t = 0; t < frames; t++) {
    voiced[t] = states[t] < bins ? 1 : 0
    f0[t] = voiced[t] || fillNa === null ? fMin * 2 ** ((states[t] % bins) / (12 * cells)) : fillNa
  }
  return { f0, voiced, voicedProbability }
}

/** Density of Beta(a, b), not normalised, integrated from x to x + width by the midpoint rule (relative error below 1e-8 for a, b of 1 or more). */
function betaWeight(x: number, width: number, a: number, b: number): number {
  const steps = 128
  let sum = 0
  for (let i = 0; i < steps; i++) {
    const at = x + (width * (i + 0.5)) / steps
    sum += at ** (a - 1) * (1 - at) ** (b - 1)
  }
  return sum
}

/** Log probabilities of a change from bin i to bin i + d - half, without and with a change of voicing; rows sum to 1 within the band. */
interface Transitions {
  readonly half: number
  readonly same: Float64Array
  readonly change: Float64Array
}

function transitions(bins: number, cells: number, rate: number, hopLength: number, sampleRate: number, switchProb: number): Transitions {
  const semitones = roundHalfEven((rate * 12 * hopLength) / sampleRate)
  const width = Math.min(semitones * cells + 1, 2 * bins - 1)
  const half = width >> 1
  const same = new Float64Array(bins * (2 * half + 1))
  const change = new Float64Array(same.length)
  for (let i = 0; i < bins; i++) {
    let sum = 0
    const weight = (d: number) => (i + d < 0 || i + d >= bins ? 0 : half + 1 - Math.abs(d))
    for (let d = -half; d <= half; d++) sum += weight(d)
    for (let d = -half; d <= half; d++) {
      const at = i * (2 * half + 1) + d + half
      same[at] = logOf((weight(d) / sum) * (1 - switchProb))
      change[at] = logOf((weight(d) / sum) * switchProb)
    }
  }
  return { half, same, change }
}

function decode(observed: Float64Array, frames: number, bins: number, { half, same, change }: Transitions): Int32Array {
  const count = 2 * bins
  const width = 2 * half + 1
  let value = new Float64Array(count)
  let next = new Float64Array(count)
  const pointers = new Int32Array(frames * count)
  for (let t = 0; t < frames; t++) {
    let voiced = 0
    for (let b = 0; b < bins; b++) voiced += observed[t * bins + b]
    const unvoiced = logOf((1 - Math.min(1, voiced)) / bins)
    // The best state before, wherever it is: its impossible transitions still count as log(tiny), as in librosa.
    let top = 0
    if (t > 0) for (let j = 1; j < count; j++) if (value[j] > value[top]) top = j
    for (let j = 0; j < count; j++) {
      const bin = j % bins
      const emission = j < bins ? logOf(observed[t * bins + bin]) : unvoiced
      if (t === 0) {
        // A path starts unvoiced.
        next[j] = emission + (j < bins ? logZero : -Math.log(bins))
        continue
      }
      let best = value[top] + logZero
      let from = top
      for (let side = 0; side < 2; side++) {
        const table = (side === 0) === j < bins ? same : change
        const base = side * bins
        for (let i = Math.max(0, bin - half); i <= bin + half && i < bins; i++) {
          const candidate = value[base + i] + table[i * width + bin - i + half]
          if (candidate > best || (candidate === best && base + i < from)) {
            best = candidate
            from = base + i
          }
        }
      }
      next[j] = emission + best
      pointers[t * count + j] = from
    }
    const swap = value
    value = next
    next = swap
  }
  const states = new Int32Array(frames)
  let state = 0
  for (let j = 1; j < count; j++) if (value[j] > value[state]) state = j
  for (let t = frames - 1; t >= 0; t--) {
    states[t] = state
    state = pointers[t * count + state]
  }
  return states
}
