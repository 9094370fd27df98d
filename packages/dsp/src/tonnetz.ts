import type { Signal } from './internal/check.ts'
import { cached } from './internal/cached.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { projection, type Projection } from './internal/projection.ts'
import { applyBasis } from './dct.ts'
import { chroma, normalise, type ChromaOptions } from './chroma.ts'

/** Half turns in twelve pitch classes of the circles of fifths, minor thirds and major thirds, a sine and a cosine each; the last one has half the radius. */
const scales = [14, 18, 8]

const build = /* @__PURE__ */ cached((nChroma: number): Projection =>
  // A sine is a cosine a quarter turn later.
  projection(6, nChroma, (d, c) => (d > 3 ? 0.5 : 1) * Math.cos(Math.PI * ((scales[d >> 1] * c) / nChroma - (d % 2 ? 0 : 0.5)))),
)

/**
 * Tonal centroids (Harte, Sandler and Gasser 2006): chroma divided by its sum, projected on the circles of fifths, minor thirds and major
 * thirds; the transform of `librosa.feature.tonnetz`, here of the STFT chroma.
 *
 * @param signal - samples of one channel
 * @param options - those of {@link chroma}
 * @returns `[frames, 6]`: sine and cosine on the circle of fifths, minor thirds, major thirds; zeros where the frame is silent
 * @throws EmoRangeError as {@link chroma}
 */
export function tonnetz(signal: Signal, options: ChromaOptions): Matrix {
  const { data, shape } = chroma(signal, options)
  const [frames, nChroma] = shape
  for (let t = 0; t < frames; t++) normalise(data, t * nChroma, nChroma, 1)
  return matrix(applyBasis(build(nChroma), data), 6)
}
