import type { PredictorSources } from '../predictor.ts'
import { mixOrLoudest } from './mixOrLoudest.ts'

/** The real decoders and models; every import waits until a file needs it, so that one clip starts in well under 2 s. */
export const predictorSources = {
  async decodeAudio(bytes, fileName) {
    const { decodeAudio } = await import('@emo/datasets')
    const { channels, sampleRate } = await decodeAudio(bytes, { fileName })
    return { samples: await mixOrLoudest(channels), sampleRate }
  },
  async decodeImage(bytes, fileName) {
    const { decodeImage } = await import('@emo/datasets')
    return decodeImage(bytes, { fileName })
  },
  loadSpeechModel: async () => (await import('@emo/speech-model')).SpeechEmotionModel.load(),
  loadFaceModel: async (options) => (await import('@emo/face-model')).FaceEmotionModel.load(options),
} satisfies PredictorSources
