import { positive, type Signal } from './internal/check.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { analyse, spectrumPlan, type SpectrumKernel, type SpectrumOptions } from './internal/spectrum.ts'
import { applyMelBank, melBank, type MelFilterBankOptions } from './melFilterBank.ts'

/** Options of a mel spectrogram; names and defaults are librosa's. */
export interface MelSpectrogramOptions extends SpectrumOptions, MelFilterBankOptions {
  /** Exponent of the magnitudes: 2 (default) for power, 1 for amplitude. */
  power?: number
}

/** Mel energies of one frame. */
export function melKernel(options: MelSpectrogramOptions): SpectrumKernel {
  const bank = melBank(options)
  const power = positive('power', options.power ?? 2)
  const width = bank.nMels
  if (power === 2) return { width, input: 'power', run: (spectrum, out, at) => applyMelBank(bank, spectrum, out, at) }
  const raised = new Float64Array(bank.bins)
  return {
    width,
    input: 'magnitude',
    run(spectrum, out, at) {
      for (let k = 0; k < raised.length; k++) raised[k] = spectrum[k] ** power
      applyMelBank(bank, raised, out, at)
    },
  }
}

/**
 * Mel spectrogram, S(t, m) = sum over k of M(m, k) |X(t, k)|^power; equal to `librosa.feature.melspectrogram`.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz is required
 * @returns `[frames, nMels]`, power (not decibels)
 * @throws EmoRangeError as {@link stft} and {@link melFilterBank}
 */
export function melSpectrogram(signal: Signal, options: MelSpectrogramOptions): Matrix {
  const kernel = melKernel(options)
  const data = analyse(signal, spectrumPlan(options), kernel)
  return matrix(data.length / kernel.width, kernel.width, data)
}
