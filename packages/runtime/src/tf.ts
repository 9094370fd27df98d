/**
 * TensorFlow.js core and layers in one namespace, so that every Emo package works on the same copy of both.
 *
 * Only the packages' main entries are imported: deep imports end in a second copy of the core in some bundlers.
 */
export * from '@tensorflow/tfjs-core'
export * from '@tensorflow/tfjs-layers'
