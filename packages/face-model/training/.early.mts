import { train } from '@emo/runtime/training'
import { exportModel } from './exportModel.ts'
import { recipes } from './recipes.ts'
const config = { ...recipes.best.recipe(1), dataFile: '/root/.cache/emo/face/lab.faces' }
const result = await train(new URL('./recipe.ts', import.meta.url), config, { ...recipes.best.options, directory: '/root/lab-face/sanity', epochs: 1, workers: 1, progress: 'lines' })
await exportModel({ config, epochs: 1, seed: 1, result, out: '/work/main/packages/face-model/weights/default', report: '/root/lab-face/report' })
