export { saveModel } from './weights/saveModel.ts'
export { savedModel } from './weights/savedModel.ts'
