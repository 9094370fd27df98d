import { tf } from '@emo/runtime'

/** A network of its own with the same layers and weights. */
export async function cloneNetwork(network: tf.LayersModel): Promise<tf.LayersModel> {
  const artifacts = await artifactsOf(network)
  return tf.loadLayersModel(tf.io.fromMemory(artifacts))
}

/** Topology and weights of a network, in memory. */
async function artifactsOf(network: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts | undefined
  await network.save(
    tf.io.withSaveHandler((given) => {
      artifacts = given
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(given) })
    }),
  )
  return artifacts!
}
