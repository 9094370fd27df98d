import * as tfc from '@tensorflow/tfjs-core'
import { models, type LayersModel } from '@tensorflow/tfjs-layers'
import type { ModelJson } from './modelJson.ts'

/**
 * The model that `model.json` describes, with its weights; when they do not fit each other, an error of TensorFlow.js, and nothing is left behind.
 *
 * `loadLayersModel` would drop what it has built so far, and cannot be watched: it builds later than it is called, when others may build, too.
 */
export async function buildModel(
  { modelTopology, weightsManifest, userDefinedMetadata }: ModelJson,
  weights: ArrayBuffer,
): Promise<LayersModel> {
  const before = new Set(Object.values(tfc.engine().registeredVariables))
  // Has built all when it returns, be it a promise.
  const building = models.modelFromJSON(withoutInitialValues(modelTopology), bareModels)
  const built = Object.values(tfc.engine().registeredVariables).filter((variable) => !before.has(variable))
  try {
    const model = await building
    tfc.tidy(() => {
      const specs = weightsManifest.flatMap((group) => group.weights)
      model.loadWeights(tfc.io.decodeWeights(weights, specs))
    })
    model.setUserDefinedMetadata(userDefinedMetadata)
    return model
  } catch (error) {
    tfc.dispose(built)
    throw error
  }
}

/** Class name of a model that is built without initial values, which take long and are replaced. */
const bareModel = 'EmoBareModel'

/** A topology around another one, for {@link buildBare}. */
function withoutInitialValues(modelTopology: object): { modelTopology: tfc.io.ModelJSON['modelTopology'] } {
  const topology = 'model_config' in modelTopology ? modelTopology.model_config : modelTopology
  return { modelTopology: { class_name: bareModel, config: topology } }
}

type FromConfig = (cls: unknown, config: unknown, customObjects: object, fastWeightInit: boolean) => LayersModel

/** As TensorFlow.js registers classes: one that is not used here, and what makes an object of it. */
const bareModels = { [bareModel]: [Object, buildBare] } as unknown as tfc.serialization.ConfigDict

function buildBare(_: unknown, { className, config }: { className: string; config: unknown }, customObjects: object): LayersModel {
  const known = tfc.serialization.SerializationMap.getMap().classNameMap as unknown as Record<string, [unknown, FromConfig] | undefined>
  const entry = known[className]
  if (entry === undefined) throw new Error(`unknown class of model: ${className}`)
  const [cls, fromConfig] = entry
  return fromConfig(cls, config, customObjects, true)
}
