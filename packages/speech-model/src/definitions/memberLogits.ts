import { tf } from '@emo/runtime'

/** What {@link memberLogits} makes of a network. */
export type MemberLogits = (features: tf.Tensor3D) => tf.Tensor2D[]

/**
 * The logits of each member of a network of `buildSpeechModel`, in training mode: each gets a loss of its own, so that members learn to be right alone and
 * their errors differ. The mean of all, which the network answers, is a loss on the ensemble that would let them lean on each other.
 *
 * The last layer's kernel holds the members' kernels one below the other, divided by their number; its bias is shared.
 */
export function memberLogits(model: tf.LayersModel, members: number): MemberLogits {
  const head = model.getLayer('logits')
  const body = tf.model({ inputs: model.inputs, outputs: head.input, name: `${model.name}_embeddings` })
  return (features) => {
    const embeddings = body.apply(features, { training: true }) as tf.Tensor2D
    const [kernel, bias] = head.weights.map((weight) => weight.read())
    const width = embeddings.shape[1] / members
    const classes = kernel.shape[1]!
    return Array.from({ length: members }, (_, member) => {
      const own = tf.slice(embeddings, [0, member * width], [embeddings.shape[0], width])
      const part = tf.mul(tf.slice(kernel, [member * width, 0], [width, classes]), members)
      return tf.add<tf.Tensor2D>(tf.matMul(own, part), bias)
    })
  }
}
