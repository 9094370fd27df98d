export { saveModel } from './weights/saveModel.ts'
