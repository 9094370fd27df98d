import { lazy } from './lazy.ts'

const libsamplerate = lazy(() => import('@alexanderolsen/libsamplerate-js'))

/** Converts between sample rates with libsamplerate's best sinc converter, loaded when first needed. */
export async function resampleAudio(signal: Float32Array, rates: { readonly from: number; readonly to: number }): Promise<Float32Array> {
  const library = await libsamplerate()
  // A UMD bundle: its exports are on `default` in Node, and on the module itself under most bundlers.
  const { create, ConverterType } = library.default ?? library
  const converter = await create(1, rates.from, rates.to, { converterType: ConverterType.SRC_SINC_BEST_QUALITY })
  try {
    return converter.simple(signal)
  } finally {
    converter.destroy()
  }
}
