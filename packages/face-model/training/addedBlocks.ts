import { tf } from '@emo/runtime'

/** Whether a convolution belongs to a residual block whose shortcut is the identity, so that the block can be added to a trained network. */
export function isAddableConvolution(name: string, layers: ReadonlyMap<string, unknown>): boolean {
  const block = /^(block\d+)_conv[12]$/.exec(name)?.[1]
  return block !== undefined && !layers.has(`${block}_shortcut`)
}

/** Lets a normalisation answer zero, whatever it is given, until its scale has been trained: its residual block begins as the identity (Goyal et al. 2017). */
export function silence(normalizer: tf.layers.Layer): void {
  tf.tidy(() => {
    normalizer.setWeights(
      normalizer.weights.map((weight) => {
        const name = weight.originalName.split('/').pop()
        const [size] = weight.shape as [number]
        return name === 'moving_variance' ? tf.ones([size]) : tf.zeros([size])
      }),
    )
  })
}
