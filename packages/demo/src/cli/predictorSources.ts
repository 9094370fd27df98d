import type { PredictorSources } from '../predictor.ts'

/** The real decoders and models; every import waits until a file needs it, so that one clip starts in well under 2 s. */
export const predictorSources: PredictorSources = {
  async decodeAudio(bytes, fileName) {
    const { decodeAudio, mixToMono } = await import('@emo/datasets')
    const { channels, sampleRate } = await decodeAudio(bytes, { fileName })
    return { samples: mixToMono(channels), sampleRate }
  },
  async decodeImage(bytes, fileName) {
    const { decodeImage } = await import('@emo/datasets')
    return decodeImage(bytes, { fileName })
  },
  loadSpeechModel: async () => (await import('@emo/speech-model')).SpeechEmotionModel.load(),
  loadFaceModel: async () => (await import('@emo/face-model')).FaceEmotionModel.load(),
}
