import { TinyFaceDetector, type FaceDetector } from '@emo/face-model'

let loading: Promise<TinyFaceDetector> | undefined

/** The detector of pictures and films, for `detectAsync`; loaded with the first of them: a camera has one of its own and need not wait for this. */
export const pictureDetector: FaceDetector = {
  async detect(image, hint) {
    loading ??= TinyFaceDetector.load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return (await loading).detect(image, hint)
  },
}
