import { EmoError } from '@emo/errors'
import { lazy } from './lazy.ts'

const libsamplerate = lazy(() => import('@alexanderolsen/libsamplerate-js'))

/** Highest rate in Hz that the converter's wrapper takes. */
const HIGHEST = 192_000
/** Ratio of rates that libsamplerate takes; beyond it, it gives silence without a word. */
const FURTHEST = 256

/**
 * Converts between sample rates with libsamplerate's best sinc converter, loaded when first needed.
 *
 * @throws EmoError `RESAMPLE_FAILED` rates that it cannot take, e.g. more than 256 times apart
 */
export async function resampleAudio(signal: Float32Array, rates: { readonly from: number; readonly to: number }): Promise<Float32Array> {
  const { from, to } = rates
  if (Math.max(from / to, to / from) > FURTHEST) throw failure(rates, `more than ${FURTHEST} times apart`)
  const library = await libsamplerate()
  // A UMD bundle: its exports are on `default` in Node, and on the module itself under most bundlers.
  const { create, ConverterType } = library.default ?? library
  // Only the ratio of the rates matters: in lower terms, rates above the wrapper's limit are fine.
  const divisor = Math.max(from, to) > HIGHEST ? greatestCommonDivisor(from, to) : 1
  try {
    const converter = await create(1, from / divisor, to / divisor, { converterType: ConverterType.SRC_SINC_BEST_QUALITY })
    try {
      return converter.simple(signal)
    } finally {
      converter.destroy()
    }
  } catch (cause) {
    // The wrapper throws strings.
    throw failure(rates, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function failure(rates: { readonly from: number; readonly to: number }, reason: string, cause?: unknown): EmoError {
  return new EmoError(
    'RESAMPLE_FAILED',
    `libsamplerate cannot convert ${rates.from} Hz to ${rates.to} Hz (${reason}); give readAudio another sampleRate, or \`resample\` of @emo/dsp as its option resample`,
    { cause, details: { ...rates } },
  )
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
