/** Voices are looked for between these pitches, Hz. */
const lowest = 65
const highest = 500
/** Rate at which the signal is compared with itself, Hz, about: enough for the pitch range, and sixteen times cheaper than 16 kHz. */
const analysisRate = 4000
/** What is compared, seconds: four periods of the lowest pitch. */
const spanSeconds = 0.064
/** What one octave down has to correlate better by: every period repeats itself after two as well. */
const octaveCost = 0.06

/** Pitch at one place. */
export interface FramePitch {
  /** Hz. */
  readonly frequency: number
  /** Normalised correlation one period later, 0 (noise, silence) to 1 (periodic). */
  readonly periodicity: number
}

/**
 * Finds the pitch around any sample of a mono signal: the largest maximum of the normalised cross-correlation of what is there with what follows
 * it (Talkin 1995, "A robust algorithm for pitch tracking", without its dynamic programming), shorter periods preferred by an octave cost (Boersma 1993).
 *
 * @param samples - mono
 * @param sampleRate - Hz, at least 4000
 * @returns the pitch around a sample, by its index; silence lies before the first and after the last one
 */
export function pitchFinder(samples: Float32Array, sampleRate: number): (centre: number) => FramePitch {
  const step = decimation(sampleRate)
  const rate = sampleRate / step
  const shortest = Math.floor(rate / highest)
  const longest = Math.ceil(rate / lowest)
  const span = Math.round(spanSeconds * rate)
  const margin = (span + longest + 2) >> 1
  const low = decimate(samples, step, margin)
  const stretch = new Float64Array(2 * margin)
  const correlations = new Float64Array(longest + 2)
  return (centre) => {
    const start = Math.min(Math.round(centre / step), low.length - 2 * margin)
    removeMean(low.subarray(start, start + 2 * margin), stretch)
    correlate(stretch, span, shortest - 1, longest + 1, correlations)
    return choosePeak(correlations, shortest, longest, rate)
  }
}

/** Samples of the signal to one that is compared. */
function decimation(sampleRate: number): number {
  return Math.max(1, Math.floor(sampleRate / analysisRate))
}

/** The part of the power at `frequency` (Hz) that the pitch finder's low-pass lets through. */
export function powerResponse(frequency: number, sampleRate: number): number {
  const step = decimation(sampleRate)
  const angle = (Math.PI * frequency) / sampleRate
  return angle === 0 ? 1 : (Math.sin(step * angle) / (step * Math.sin(angle))) ** 4
}

/** Every `step`th sample of the signal under a triangle, `margin` zeros before and after. */
function decimate(samples: Float32Array, step: number, margin: number): Float32Array {
  const length = Math.ceil(samples.length / step)
  const out = new Float32Array(length + 2 * margin)
  for (let i = 0; i < length; i++) {
    const centre = i * step
    let sum = step * samples[centre]
    for (let j = 1; j < step; j++) {
      const before = centre >= j ? samples[centre - j] : 0
      const after = centre + j < samples.length ? samples[centre + j] : 0
      sum += (step - j) * (before + after)
    }
    out[margin + i] = sum / (step * step)
  }
  return out
}

/** Without the mean: an offset of the microphone's correlates with itself whatever the lag. */
function removeMean(x: Float32Array, out: Float64Array): void {
  let sum = 0
  for (const value of x) sum += value
  const mean = sum / x.length
  for (let i = 0; i < x.length; i++) out[i] = x[i] - mean
}

/** Normalised correlation of the first `span` samples with those `lag` later, for each lag from `first` to `last`. */
function correlate(x: Float64Array, span: number, first: number, last: number, out: Float64Array): void {
  let energy0 = 0
  let energy = 0
  for (let j = 0; j < span; j++) {
    energy0 += x[j] * x[j]
    energy += x[j + first] * x[j + first]
  }
  for (let lag = first; lag <= last; lag++) {
    let dot = 0
    for (let j = 0; j < span; j++) dot += x[j] * x[j + lag]
    out[lag] = dot / Math.sqrt(energy0 * Math.max(0, energy) + 1e-20)
    energy += x[span + lag] * x[span + lag] - x[lag] * x[lag]
  }
}

function choosePeak(correlations: Float64Array, shortest: number, longest: number, rate: number): FramePitch {
  let best: FramePitch = { frequency: rate / longest, periodicity: 0 }
  let bestScore = -Infinity
  for (let lag = shortest; lag <= longest; lag++) {
    const [before, here, after] = [correlations[lag - 1], correlations[lag], correlations[lag + 1]]
    if (!(here > 0 && here >= before && here > after)) continue
    // The maximum of the parabola through the three.
    const shift = (before - after) / (2 * (before - 2 * here + after))
    const peak = Math.min(1, here - ((before - after) * shift) / 4)
    const score = peak - octaveCost * Math.log2(lag)
    if (score <= bestScore) continue
    bestScore = score
    best = { frequency: rate / (lag + shift), periodicity: peak }
  }
  return best
}
