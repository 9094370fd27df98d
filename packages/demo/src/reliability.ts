import { EmoRangeError } from '@emo/errors'
// The bundled models' own cards, read when this package is built: new weights bring new figures.
import { evaluation as face } from '../../face-model/weights/default/card.json'
import { evaluation as speech } from '../../speech-model/weights/default/card.json'
import type { PerModality } from './prediction.ts'

/**
 * How far a model is on the way from guessing to never being wrong: `(uar - 1 / classes) / (1 - 1 / classes)`, and 0 below chance. For two classes this is
 * Youden's J (Index for rating diagnostic tests, Cancer 3(1), 1950); in general it is known as adjusted balanced accuracy.
 *
 * @param uar - unweighted average recall, 0 to 1, measured on people or pictures that the model was not trained on
 * @param classes - number of emotions that it chose from, at least 2
 * @throws EmoRangeError `RELIABILITY_OUT_OF_RANGE`
 */
export function reliabilityOf(uar: number, classes: number): number {
  if (!(uar >= 0 && uar <= 1))
    throw new EmoRangeError('RELIABILITY_OUT_OF_RANGE', `uar must be between 0 and 1, not ${uar}`, { details: { uar } })
  if (!(Number.isInteger(classes) && classes >= 2)) {
    throw new EmoRangeError('RELIABILITY_OUT_OF_RANGE', `classes must be a whole number of at least 2, not ${classes}`, {
      details: { classes },
    })
  }
  return Math.max(0, (uar - 1 / classes) / (1 - 1 / classes))
}

/**
 * {@link reliabilityOf} the bundled models, from the figures in their cards: speech on whole recordings of RAVDESS actors held out of training, face on
 * FER2013's PublicTest. The cards name the commands that measure them.
 */
export const DEFAULT_RELIABILITY: PerModality = {
  speech: reliabilityOf(speech.ravdess.uar.mean, speech.ravdess.classes.length),
  face: reliabilityOf(face.publicTest.unweightedAverageRecall, face.publicTest.classes.length),
}
