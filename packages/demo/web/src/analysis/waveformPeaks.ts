/**
 * Lowest and highest sample of each column of a waveform, by turns.
 *
 * @param columns - at most this many; fewer where there are fewer samples
 */
export function waveformPeaks(samples: Float32Array, columns: number): Float32Array<ArrayBuffer> {
  const count = Math.min(columns, samples.length)
  const peaks = new Float32Array(2 * count)
  for (let column = 0; column < count; column++) {
    const end = Math.floor(((column + 1) * samples.length) / count)
    let low = Infinity
    let high = -Infinity
    for (let i = Math.floor((column * samples.length) / count); i < end; i++) {
      if (samples[i] < low) low = samples[i]
      if (samples[i] > high) high = samples[i]
    }
    peaks[2 * column] = low
    peaks[2 * column + 1] = high
  }
  return peaks
}
