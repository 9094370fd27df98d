import { parseArgs } from 'node:util'
import { opticalFlow } from '../src/opticalFlow.ts'
import {
  flowErrors,
  grayPhoto,
  interpolations,
  motions,
  photoNames,
  texturedPoints,
  warp,
  type Interpolation,
} from '../src/__tests__/warpedPhotos.ts'

// How far off is optical flow? The test photographs are moved by known motions; --side is their longer side, in pixels. Textured points are the best corner of each 16 x 16
// pixels if its smaller eigenvalue, a pixel, is above --texture. A point that is lost counts as a miss.
// npm run -w packages/face-model measure:flow [-- --side 512 --texture 100]
const { values } = parseArgs({ options: { side: { type: 'string', default: '512' }, texture: { type: 'string', default: '100' } } })

let least = 1
let largest = 0
let tracked = 0
let milliseconds = 0
for (const interpolation of Object.keys(interpolations) as Interpolation[]) {
  for (const name of photoNames) {
    const image = grayPhoto(name, Number(values.side))
    const points = texturedPoints(image, Number(values.texture))
    console.log(`${name}, ${image.width} x ${image.height}, ${points.length} points, warped with ${interpolation} interpolation`)
    for (const [description, motion] of Object.entries(motions)) {
      const moved = warp(image, motion, interpolation)
      const { strictShare, bestMean, lost, worst } = flowErrors(image, moved, motion, points)
      const start = process.cpuUsage().user
      opticalFlow(image, moved, points)
      milliseconds += (process.cpuUsage().user - start) / 1000
      tracked += points.length
      least = Math.min(least, strictShare)
      largest = Math.max(largest, bestMean)
      const share = `${(100 * strictShare).toFixed(1)} % within 0.15 px`
      console.log(
        `  ${share}, best 95 % off by ${bestMean.toFixed(3)} px on average, ${lost} lost, worst ${worst.toFixed(2)} px: ${description}`,
      )
    }
  }
}
console.log(`at least ${(100 * least).toFixed(1)} % within 0.15 px, best 95 % off by at most ${largest.toFixed(3)} px on average`)
console.log(`${(milliseconds / tracked).toFixed(2)} ms of processor time a point`)
