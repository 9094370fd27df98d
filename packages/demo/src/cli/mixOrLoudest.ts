/** Of a mix this much quieter than one of its channels little is left of what was said. */
const CANCELLED = 1 / 10

/** Mean of all channels; where they take each other out, as in stereo with the polarity of one side reversed, the loudest channel. */
export async function mixOrLoudest(channels: readonly Float32Array[]): Promise<Float32Array> {
  const { mixToMono } = await import('@emo/datasets')
  const mix = mixToMono(channels)
  if (channels.length === 1) return mix
  const energies = channels.map(energy)
  const most = Math.max(...energies)
  return energy(mix) < CANCELLED ** 2 * most ? channels[energies.indexOf(most)] : mix
}

function energy(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return sum
}
