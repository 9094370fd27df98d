import { train } from '@emo/runtime/training'
import { prepareFaceData } from './faceData.ts'
import { recipes } from './recipes.ts'
const epochs = Number(process.argv[2]), workers = Number(process.argv[3] ?? 1), model = (process.argv[4] ?? 'best') as 'best'
const named = recipes[model]
const cache = '/root/.cache/emo/face'
const dataFile = await prepareFaceData('/root/emo-data', cache)
await train(new URL('./recipe.ts', import.meta.url), { ...named.recipe(epochs), dataFile }, { ...named.options, directory: `${cache}/${model}-epochs${epochs}-seed1`, epochs, seed: 1, workers, progress: 'lines' })
