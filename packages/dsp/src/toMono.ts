import { fail, samplesOf, type Signal } from './internal/check.ts'

/**
 * Mixes channels to one: their mean, sample by sample; equal to `librosa.to_mono`.
 *
 * @param channels - one array of samples a channel, all of one length (as `AudioBuffer.getChannelData` gives them)
 * @returns one channel; a copy
 * @throws EmoRangeError `CHANNELS_NONE`, `CHANNELS_UNEQUAL`, `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`
 */
export function toMono(channels: readonly Signal[]): Float32Array {
  if (!Array.isArray(channels) || !channels.length) fail('CHANNELS_NONE', 'channels', channels, 'a list of channels')
  const checked = channels.map((channel: Signal, i) => samplesOf(channel, `channels[${i}]`))
  const { length } = checked[0]
  checked.forEach((channel, i) => {
    if (channel.length !== length) fail('CHANNELS_UNEQUAL', `channels[${i}].length`, channel.length, `${length}`)
  })
  const out = new Float32Array(length)
  for (let i = 0; i < length; i++) {
    let sum = 0
    for (const channel of checked) sum += channel[i]
    out[i] = sum / checked.length
  }
  return out
}
