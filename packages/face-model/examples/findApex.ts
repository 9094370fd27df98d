/* eslint-disable no-console -- an example prints */
// Finds onset, apex and offset of an expression in an image sequence (a folder of png or jpg, neutral face first; or frames of a video) and names the emotion at its apex.
//
//   npm run -w packages/face-model example:apex -- FOLDER
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeImage } from '@emo/datasets'
import { FaceEmotionModel, motionFeatures } from '@emo/face-model'
import { givenPath } from '../training/givenPath.ts'

if (process.argv[2] === undefined) {
  console.error('usage: findApex.ts FOLDER')
  process.exit(2)
}
const folder = givenPath(process.argv[2])
// frame2 before frame10.
const names = (await readdir(folder))
  .filter((name) => /\.(png|jpe?g)$/i.test(name))
  .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
if (names.length < 2) {
  console.error(`${folder} has ${names.length} png or jpg files; give a folder of at least two frames.`)
  process.exit(1)
}
const frames = await Promise.all(names.map(async (name) => decodeImage(await readFile(join(folder, name)))))

const model = await FaceEmotionModel.load()
const [face] = model.detect(frames[0])
if (face === undefined) {
  console.error(`No face in ${names[0]}.`)
  process.exit(1)
}
const { onset, apex, offset, magnitude } = motionFeatures(frames, { box: face.box })
magnitude.forEach((pixels, index) => {
  if (Number.isNaN(pixels)) return console.log(`${names[index]}  lost`)
  const phase = index === apex ? ' apex' : index === onset ? ' onset' : index === offset ? ' offset' : ''
  console.log(`${names[index]}  ${pixels.toFixed(2)} px  ${'#'.repeat(Math.round(pixels * 10))}${phase}`)
})
const [atApex] = model.detect(frames[apex])
console.log(`At the apex: ${atApex === undefined ? 'no face' : `${atApex.emotion} (${(atApex.confidence * 100).toFixed(0)} %)`}`)
model.dispose()
