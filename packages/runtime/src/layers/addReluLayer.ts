import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { addRelu } from '../kernels/addRelu.ts'
import { singleShape } from './layerConfig.ts'

/** `max(a + b, 0)` of two inputs of one shape, in one pass: the end of a residual block. */
export class AddReLU extends tf.layers.Layer {
  /** The name in saved models. */
  static readonly className = 'AddReLU'

  constructor(args: { readonly name?: string } = {}) {
    super(args)
    this.supportsMasking = false
  }

  /** @throws {@link EmoError} `LAYER_INPUT` unless there are two tensors */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    if (!Array.isArray(inputs) || inputs.length !== 2) throw new EmoError('LAYER_INPUT', 'AddReLU takes two tensors.')
    return addRelu(inputs[0], inputs[1])
  }

  /** The shape of either input. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return singleShape(inputShape)
  }
}
