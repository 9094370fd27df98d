import { tf } from '@emo/runtime'

/** The same network (same variables) up to its `logits` layer: what training and calibration work on. */
export function logitsModel(model: tf.LayersModel): tf.LayersModel {
  return tf.model({ inputs: model.inputs, outputs: model.getLayer('logits').output, name: `${model.name}_logits` })
}
