import { TinyFaceDetector, type FaceDetector } from '@emo/face-model'
import { loadOnce } from './loadOnce.ts'

const loadDetector = loadOnce(() => TinyFaceDetector.load())

/** The detector of pictures and films, for `detectAsync`; loaded with the first of them: a camera has one of its own and need not wait for this. */
export const pictureDetector: FaceDetector = {
  detect: async (image, hint) => (await loadDetector()).detect(image, hint),
}
