export { saveModel, type SaveModelOptions } from './weights/saveModel.ts'
export { encodeFloat16 } from './weights/float16.ts'
