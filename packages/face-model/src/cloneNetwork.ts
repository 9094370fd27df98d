import { tf } from '@emo/runtime'

/** A network of its own with the same layers and weights. */
export async function cloneNetwork(network: tf.LayersModel): Promise<tf.LayersModel> {
  let artifacts: tf.io.ModelArtifacts = {}
  await network.save(
    tf.io.withSaveHandler((given) => {
      artifacts = given
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(given) })
    }),
  )
  return tf.loadLayersModel(tf.io.fromMemory(artifacts))
}
