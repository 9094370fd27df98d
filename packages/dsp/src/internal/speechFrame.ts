/** Frames of speech in samples: 25 ms, rounded up to a power of two, every 10 ms. */
export function speechFrame(sampleRate: number): { nFft: number; hopLength: number } {
  return { nFft: Math.max(4, 2 ** Math.ceil(Math.log2(0.025 * sampleRate))), hopLength: Math.max(1, Math.round(0.01 * sampleRate)) }
}
