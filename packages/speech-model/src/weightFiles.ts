import type { ModelSource } from '@emo/runtime'

/** Name of a set of weights in this package. */
export type WeightsName = 'default' | 'paper'

/**
 * Where the bundled weights are. Written out so that bundlers see every file; this module must stay one folder below the package
 * root, in sources and in `dist` alike.
 */
export function bundledWeights(name: WeightsName): ModelSource {
  return name === 'paper'
    ? {
        modelJson: new URL('../weights/paper/model.json', import.meta.url),
        weights: new URL('../weights/paper/weights.bin', import.meta.url),
      }
    : {
        modelJson: new URL('../weights/default/model.json', import.meta.url),
        weights: new URL('../weights/default/weights.bin', import.meta.url),
      }
}
