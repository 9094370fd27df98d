import { fail, samplesOf, type Signal } from './internal/check.ts'

/**
 * Mixes channels to one: their mean, sample by sample; equal to `librosa.to_mono`.
 *
 * @param channels - one array of samples a channel, all of one length (as `AudioBuffer.getChannelData` gives them)
 * @returns one channel; a copy
 * @throws EmoRangeError `CHANNELS_NONE`, `CHANNELS_UNEQUAL`, `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`
 */
export function toMono(channels: readonly Signal[]): Float32Array {
  if (!Array.isArray(channels) || channels.length === 0) fail('CHANNELS_NONE', 'no channel given; give an array of channels', { given: channels })
  const checked = channels.map((channel: Signal, i) => samplesOf(channel, `channels[${i}]`))
  const length = checked[0].length
  const out = new Float32Array(length)
  for (const channel of checked) {
    if (channel.length !== length) {
      fail('CHANNELS_UNEQUAL', `channels have ${checked.map((c) => c.length).join(', ')} samples; they must be of one length`, { lengths: checked.map((c) => c.length) })
    }
  }
  for (let i = 0; i < length; i++) {
    let sum = 0
    for (const channel of checked) sum += channel[i]
    out[i] = sum / checked.length
  }
  return out
}
