// Copies the face detector's weights and their licence from the package that publishes them. They are part of the build, not of the repository.
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = dirname(fileURLToPath(import.meta.resolve('@vladmandic/face-api/package.json')))
const target = fileURLToPath(new URL('../weights/tiny-face-detector/', import.meta.url))
mkdirSync(target, { recursive: true })
for (const name of ['tiny_face_detector_model-weights_manifest.json', 'tiny_face_detector_model.bin']) {
  copyFileSync(join(source, 'model', name), join(target, name))
}
copyFileSync(join(source, 'LICENSE'), join(target, 'LICENSE'))
