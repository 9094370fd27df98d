import { checkOptions, EmoError } from '@emo/errors'
import { CORPUS_EMOTIONS, isCorpusEmotion, type CorpusEmotion } from '../emotions.ts'
import type { Sample } from '../sample.ts'
import { assertNoLeak } from './assertNoLeak.ts'
import { checkSamples } from '../checkArguments.ts'
import { makeSplit } from './makeSplit.ts'
import type { Exclusion, Split } from './split.ts'

/** Options of {@link crossCorpusSplit}. */
export interface CrossCorpusOptions {
  /** Emotions to keep on both sides. Default: those that occur on both. */
  readonly emotions?: readonly CorpusEmotion[]
}

/**
 * Trains on some corpora and tests on others, over the emotions that both have; samples of other emotions are `excluded`.
 *
 * @throws EmoError `SPLIT_SAME_CORPUS` a corpus on both sides, `SPLIT_NO_COMMON_EMOTION`, `EMOTION_UNKNOWN`, `SAMPLES_NOT_LIST`, `OPTIONS_NOT_OBJECT`; LeakError `SPLIT_LEAK`, e.g. FER2013 against FERPlus,
 * which share their images
 */
export function crossCorpusSplit(train: readonly Sample[], test: readonly Sample[], options: CrossCorpusOptions = {}): Split {
  checkSamples('train', train)
  checkSamples('test', test)
  checkOptions(options, "{ emotions: ['anger', 'happiness'] }")
  const corpora = (samples: readonly Sample[]) => new Set(samples.map((sample) => sample.corpus))
  const shared = [...corpora(train)].filter((corpus) => corpora(test).has(corpus))
  if (shared.length > 0) {
    throw new EmoError('SPLIT_SAME_CORPUS', `${shared.join(', ')} is on both sides; split within a corpus with groupKFold`, {
      details: { shared },
    })
  }
  const emotionsOf = (samples: readonly Sample[]) => new Set(samples.map((sample) => sample.emotion))
  const [trained, tested] = [emotionsOf(train), emotionsOf(test)]
  const emotions = options.emotions ?? CORPUS_EMOTIONS.filter((emotion) => trained.has(emotion) && tested.has(emotion))
  if (emotions.length === 0) throw new EmoError('SPLIT_NO_COMMON_EMOTION', 'the two sides have no emotion in common')
  if (!Array.isArray(emotions) || !emotions.every(isCorpusEmotion)) {
    throw new EmoError('EMOTION_UNKNOWN', `emotions is ${String(emotions)}; give a list of ${CORPUS_EMOTIONS.join(', ')}`, {
      details: { emotions },
    })
  }
  const excluded: Exclusion[] = []
  const keep = (samples: readonly Sample[]) =>
    samples.filter((sample) => {
      if (sample.emotion !== undefined && emotions.includes(sample.emotion)) return true
      excluded.push({ sample, reason: `its label (${sample.corpusLabel}) is none of ${emotions.join(', ')}` })
      return false
    })
  const [keptTrain, keptTest] = [keep(train), keep(test)]
  if (keptTrain.length === 0 || keptTest.length === 0) {
    throw new EmoError(
      'SPLIT_NO_COMMON_EMOTION',
      `no sample of ${emotions.join(', ')} to ${keptTrain.length === 0 ? 'train' : 'test'} on; leave emotions out to keep those that both sides have`,
      { details: { emotions } },
    )
  }
  assertNoLeak(keptTrain, keptTest)
  return makeSplit(
    { train: keptTrain, test: keptTest, excluded },
    {
      method: 'cross-corpus',
      unsafe: false,
      description: `trained on ${[...corpora(train)].join(', ')}, tested on ${[...corpora(test)].join(', ')}, emotions ${emotions.join(', ')}`,
    },
  )
}
