import { positive, type Signal } from './internal/check.ts'
import type { Matrix } from './internal/matrix.ts'
import { project } from './internal/projection.ts'
import { analyseRows, type SpectrumKernel, type SpectrumOptions } from './internal/spectrum.ts'
import { melBank, type MelFilterBankOptions } from './melFilterBank.ts'

/** Options of a mel spectrogram; names and defaults are librosa's. */
export interface MelSpectrogramOptions extends SpectrumOptions, MelFilterBankOptions {
  /** Exponent of the magnitudes: 2 (default) for power, 1 for amplitude. */
  power?: number
}

/** Mel energies of one frame. */
export function melKernel(options: MelSpectrogramOptions): SpectrumKernel {
  const bank = melBank(options)
  const power = positive(options, 'power', 2)
  const raised = new Float64Array(bank.columns)
  return {
    width: bank.first.length,
    run(spectrum, out, at) {
      if (power !== 2) for (let k = 0; k < raised.length; k++) raised[k] = spectrum[k] ** (power / 2)
      project(bank, power === 2 ? spectrum : raised, 0, out, at)
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
  return analyseRows(signal, options, melKernel(options))
}
