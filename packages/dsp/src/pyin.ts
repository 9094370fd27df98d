import { indexOfMax } from './internal/indexOfMax.ts'
import { integer, number, positive, type Signal } from './internal/check.ts'
import { mapFrames } from './internal/frames.ts'
import { roundHalfEven } from './internal/roundHalfEven.ts'
import { normalise } from './chroma.ts'
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
const logZero = /* @__PURE__ */ Math.log(2.2250738585072014e-308)
const logOf = (p: number) => (p === 0 ? logZero : Math.log(p))

/**
 * Fundamental frequency and voicing by probabilistic YIN (Mauch and Dixon 2014): pitch candidates under many thresholds, and the most likely
 * path through them (Viterbi); equal to `librosa.pyin`.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate`, `fMin`, `fMax` in Hz are required
 * @returns f0 in Hz, voicing and its probability
 * @throws EmoRangeError as {@link yin}; `OUT_OF_RANGE` also for probabilities, resolution and parameters of distributions
 */
export function pyin(signal: Signal, options: PyinOptions): PyinResult {
  const { sampleRate, difference, minPeriod, grid, analyse } = periodicity(options)
  const { betaParameters = [2, 18], fillNa = NaN, fMin, fMax } = options
  const nThresholds = integer(options, 'nThresholds', 100)
  const boltzmann = Math.exp(-positive(options, 'boltzmannParameter', 2))
  const cells = Math.ceil(1 / number(options, 'resolution', 0.1, 1e-3, 1))
  const maxTransitionRate = positive(options, 'maxTransitionRate', 35.92)
  const switchProb = number(options, 'switchProb', 0.01, 0, 1)
  const noTroughProb = number(options, 'noTroughProb', 0.01, 0, 1)
  const [alpha, beta] = [0, 1].map((i) => positive({ betaParameters: betaParameters?.[i] }, 'betaParameters'))
  // Distribution function of Beta(alpha, beta), not normalised, at every threshold by the midpoint rule (relative error below 1e-8 for parameters
  // of 1 or more). The shares are differences of it, as librosa's: the far tail, which is lost beside 1, must be exactly 0.
  let total = 0
  const cumulative = Float64Array.from({ length: nThresholds }, (_, i) => {
    let sum = 0
    for (let k = 0.5; k < 128; k++) {
      const x = (i + k / 128) / nThresholds
      sum += x ** (alpha - 1) * (1 - x) ** (beta - 1)
    }
    return (total += sum)
  })

  // States 0 to bins - 1 are voiced, the rest unvoiced at the same pitches.
  const bins = Math.floor(12 * cells * Math.log2(fMax / fMin)) + 1
  const semitones = roundHalfEven((maxTransitionRate * 12 * grid.hopLength) / sampleRate)
  const half = Math.min(semitones * cells + 1, 2 * bins - 1) >> 1
  const weights = transitions(bins, half)
  const logs = [1 - switchProb, switchProb].map((p) => weights.map((w) => logOf(w * p)))
  // Log probability of the best path to every state (in turns this frame's and the last one's) and, frame by frame, the state before on it.
  let value = new Float64Array(2 * bins)
  let before = new Float64Array(2 * bins)
  const pointers: Int32Array[] = []

  const voicedProbability = mapFrames(signal, grid, (data, offset, out, t) => {
    analyse(data, offset)
    // 1. Observations: the probability of every pitch bin; what is left is unvoiced.
    const troughs = [...difference.keys()].filter((i) => isTrough(difference, i))
    const probabilities = new Float64Array(difference.length)
    const deepest = troughs.reduce((best, at) => (difference[at] < difference[best] ? at : best), troughs[0])
    cumulative.forEach((upTo, i) => {
      const share = upTo / total - (i && cumulative[i - 1] / total)
      const below = troughs.filter((at) => difference[at] < (i + 1) / nThresholds)
      if (!below.length && troughs.length) probabilities[deepest] += noTroughProb * share
      const scale = (share * (1 - boltzmann)) / (1 - boltzmann ** below.length)
      below.forEach((at, position) => (probabilities[at] += scale * boltzmann ** position))
    })
    const observed = new Float64Array(bins)
    troughs.forEach((at) => {
      const period = minPeriod + at + parabolicShift(difference, at)
      const bin = Math.max(0, Math.round(12 * cells * Math.log2(sampleRate / period / fMin)))
      // A pitch above the last bin counts as unvoiced, as in librosa.
      if (probabilities[at] && bin < bins) observed[bin] = probabilities[at]
    })
    const voiced = Math.min(
      1,
      observed.reduce((sum, p) => sum + p),
    )
    out[t] = voiced

    // 2. The most likely path to every state (Viterbi).
    ;[before, value] = [value, before]
    const from = new Int32Array(2 * bins)
    pointers.push(from)
    const unvoiced = logOf((1 - voiced) / bins)
    // The best state before, wherever it is: its impossible transitions still count as log(tiny), as in librosa.
    const top = indexOfMax(before)
    for (let j = 0; j < 2 * bins; j++) {
      const bin = j % bins
      // A path starts unvoiced.
      let best = t ? before[top] + logZero : j < bins ? logZero : -Math.log(bins)
      from[j] = top
      for (let side = 0; t && side < 2 * bins; side += bins) {
        const table = logs[side === j - bin ? 0 : 1]
        for (let i = Math.max(0, bin - half); i <= bin + half && i < bins; i++) {
          const candidate = before[side + i] + table[i * (2 * half + 1) + bin - i + half]
          if (candidate > best || (candidate === best && side + i < from[j])) {
            best = candidate
            from[j] = side + i
          }
        }
      }
      value[j] = best + (j < bins ? logOf(observed[bin]) : unvoiced)
    }
  })

  const f0 = new Float32Array(pointers.length)
  const voiced = new Uint8Array(pointers.length)
  for (let t = pointers.length - 1, state = indexOfMax(value); t >= 0; state = pointers[t--][state]) {
    voiced[t] = state < bins ? 1 : 0
    f0[t] = voiced[t] || fillNa === null ? fMin * 2 ** ((state % bins) / (12 * cells)) : fillNa
  }
  return { f0, voiced, voicedProbability }
}

/** Probabilities of a change from bin i to bin i + d - half, a triangle; rows sum to 1 within the bins. */
function transitions(bins: number, half: number): Float64Array {
  const width = 2 * half + 1
  const weights = new Float64Array(bins * width)
  for (let i = 0; i < bins; i++) {
    for (let d = 0; d < width; d++) if (i + d >= half && i + d - half < bins) weights[i * width + d] = half + 1 - Math.abs(d - half)
    normalise(weights, i * width, width, 1)
  }
  return weights
}
