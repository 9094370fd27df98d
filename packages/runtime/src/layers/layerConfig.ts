import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'

/** tfjs-layers keeps these three as `{ className, config }` in a layer's configuration; their types are not among its exports. */
type Initializer = ReturnType<typeof tf.initializers.zeros>
type Regularizer = ReturnType<typeof tf.regularizers.l2>
type Constraint = ReturnType<typeof tf.constraints.nonNeg>

/** A serialised object: its registered class and configuration. */
export interface SerializedObject extends tf.serialization.ConfigDict {
  className: string
  config: tf.serialization.ConfigDict
}

/** An initialiser, the name of one (`'glorotUniform'`) or its serialised form. */
export type InitializerArgument = Initializer | SerializedObject | string
/** A regulariser or its serialised form. */
export type RegularizerArgument = Regularizer | SerializedObject
/** A constraint or its serialised form. */
export type ConstraintArgument = Constraint | SerializedObject

export type { Constraint, Initializer, Regularizer }

/** The initialiser that a layer's argument names; throws `LAYER_CONFIG` for an unknown name. */
export function initializerOf(argument: InitializerArgument | undefined, otherwise: string): Initializer {
  const given = argument ?? otherwise
  if (typeof given !== 'string') return restore<Initializer>(given)
  const factories = tf.initializers as unknown as Record<string, ((args: object) => Initializer) | undefined>
  const factory = factories[given.charAt(0).toLowerCase() + given.slice(1)]
  if (!factory) throw new EmoError('LAYER_CONFIG', `There is no initializer '${given}'.`)
  return factory({})
}

/** The regulariser or constraint that a layer's argument describes. */
export function restoreOptional<T extends tf.serialization.Serializable>(argument: T | SerializedObject | null | undefined): T | undefined {
  return argument ? restore<T>(argument) : undefined
}

function restore<T extends tf.serialization.Serializable>(given: T | SerializedObject): T {
  if (given instanceof tf.serialization.Serializable) return given
  const { className, config } = given
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[className]
  if (!entry) throw new EmoError('LAYER_CONFIG', `No class '${className}' is registered with tf.serialization.`)
  const [constructor, fromConfig] = entry
  return fromConfig(constructor, config) as T
}

/** The serialised form that tfjs-layers writes, null for none. */
export function serialize(object: tf.serialization.Serializable | undefined): SerializedObject | null {
  return object ? { className: object.getClassName(), config: object.getConfig() } : null
}

/** The one tensor of a layer's input. */
export function singleTensor(inputs: tf.Tensor | tf.Tensor[], layer: string): tf.Tensor {
  if (!Array.isArray(inputs)) return inputs
  if (inputs.length === 1) return inputs[0]
  throw new EmoError('LAYER_INPUT', `${layer} takes one tensor, got ${inputs.length}.`)
}

/** The one shape of a layer's input. */
export function singleShape(shape: tf.Shape | tf.Shape[]): tf.Shape {
  return Array.isArray(shape[0]) ? shape[0] : (shape as tf.Shape)
}
