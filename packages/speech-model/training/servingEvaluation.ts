import { cpus } from 'node:os'
import { EMOTIONS, readAudio, type Emotion, type Sample } from '@emo/datasets'
import { createRandom } from '@emo/runtime'
import type { SpeechModelCard } from '../src/modelCard.ts'
import type { SpeechEmotionModel } from '../src/speechEmotionModel.ts'
import type { SpeechInput, SpeechPrediction } from '../src/prediction.ts'

/** Mean recall over the emotions in `truth`. */
function recallMean(truth: readonly Emotion[], answers: readonly (Emotion | null)[]): number {
  const classes = [...new Set(truth)]
  const recalls = classes.map((emotion) => {
    const rows = truth.flatMap((value, i) => (value === emotion ? [i] : []))
    return rows.filter((i) => answers[i] === emotion).length / rows.length
  })
  return recalls.reduce((sum, value) => sum + value, 0) / recalls.length
}

/** The most likely of these emotions; calm counts as neutral where the corpus has no calm. No answer without speech. */
function best({ speech, scores }: SpeechPrediction, allowed: readonly Emotion[]): Emotion | null {
  if (!speech) return null
  const merged = { ...scores, neutral: scores.neutral + (allowed.includes('calm') ? 0 : scores.calm) }
  return allowed.reduce((top, emotion) => (merged[emotion] > merged[top] ? emotion : top))
}

/** A recording and what is meant in it. */
export interface LabelledRecording extends SpeechInput {
  readonly emotion: Emotion
}

/** What {@link evaluateSavee} measures. */
export type SaveeFigures = NonNullable<SpeechModelCard['evaluation']['savee']>

/** SAVEE through `predict`: four classes as EmoBox does, and all seven. */
export function evaluateSavee(model: SpeechEmotionModel, recordings: readonly LabelledRecording[]): SaveeFigures {
  const truth = recordings.map(({ emotion }) => emotion)
  const answers = recordings.map((recording) => model.predict(recording))
  const four: readonly Emotion[] = ['anger', 'happiness', 'neutral', 'sadness']
  const rows = truth.flatMap((emotion, i) => (four.includes(emotion) ? [i] : []))
  const answers4 = rows.map((i) => best(answers[i], four))
  const truth4 = rows.map((i) => truth[i])
  const seven = EMOTIONS.filter((emotion) => emotion !== 'calm')
  return {
    accuracy4: truth4.filter((emotion, i) => answers4[i] === emotion).length / rows.length,
    uar4: recallMean(truth4, answers4),
    uar7: recallMean(
      truth,
      answers.map((answer) => best(answer, seven)),
    ),
    clips: truth.length,
    noSpeech: answers.filter((answer) => !answer.speech).length,
  }
}

/** What is meant in a clip, and the answer for it. */
export interface LabelledAnswer {
  readonly truth: Emotion
  readonly answer: SpeechPrediction
}

/** Answers for each clip as a room would have it, through `predict`. */
export async function predictInRoom(model: SpeechEmotionModel, samples: readonly Sample[]): Promise<LabelledAnswer[]> {
  const rows: LabelledAnswer[] = []
  for (const sample of samples)
    rows.push({ truth: sample.emotion as Emotion, answer: model.predict(inRoom(await readAudio(sample), sample.id)) })
  return rows
}

/** Answers for 0.8 s out of the middle of each clip's sound, through `predict`. */
export async function predictShortWindows(model: SpeechEmotionModel, samples: readonly Sample[]): Promise<LabelledAnswer[]> {
  const rows: LabelledAnswer[] = []
  for (const sample of samples) {
    const { samples: signal, sampleRate } = await readAudio(sample)
    const length = Math.round(0.8 * sampleRate)
    const centre = centreOfEnergy(signal)
    const start = Math.max(0, Math.min(signal.length - length, centre - (length >> 1)))
    rows.push({ truth: sample.emotion as Emotion, answer: model.predict({ samples: signal.subarray(start, start + length), sampleRate }) })
  }
  return rows
}

/** Figures of answers; "no speech" counts as wrong. */
export function summariseAnswers(rows: readonly LabelledAnswer[]): NonNullable<SpeechModelCard['evaluation']['shortWindows']> {
  return {
    uar: recallMean(
      rows.map((row) => row.truth),
      rows.map((row) => row.answer.emotion),
    ),
    clips: rows.length,
    noSpeech: rows.filter((row) => !row.answer.speech).length,
  }
}

/** How far the noise of {@link inRoom} lies below the loudest tenth of a second, dB. */
export const roomNoiseDb = 20

/** A recording as a room would have it: half a second of background before and after it, noise of a colour that `seed` decides over all. */
export function inRoom<T extends SpeechInput>(recording: T, seed: string): T {
  const { samples: signal, sampleRate } = recording
  const random = createRandom(seed, 'room')
  const pad = Math.round(0.5 * sampleRate)
  const out = new Float32Array(signal.length + 2 * pad)
  // White to brown.
  const pole = random.uniform(0, 0.97)
  let state = 0
  let power = 0
  for (let i = 0; i < out.length; i++) {
    state = pole * state + random.normal()
    out[i] = state
    power += state * state
  }
  const tenth = Math.round(0.1 * sampleRate)
  let loudest = 0
  for (let start = 0; start + tenth <= signal.length; start += tenth) {
    let energy = 0
    for (let i = start; i < start + tenth; i++) energy += signal[i] * signal[i]
    loudest = Math.max(loudest, energy / tenth)
  }
  const gain = Math.sqrt((loudest * 10 ** (-roomNoiseDb / 10)) / (power / out.length))
  for (let i = 0; i < out.length; i++) out[i] *= gain
  for (let i = 0; i < signal.length; i++) out[i + pad] += signal[i]
  return { ...recording, samples: out }
}

function centreOfEnergy(signal: Float32Array): number {
  let energy = 0
  let moment = 0
  for (let i = 0; i < signal.length; i++) {
    energy += signal[i] * signal[i]
    moment += i * signal[i] * signal[i]
  }
  return energy === 0 ? signal.length >> 1 : Math.round(moment / energy)
}

/** Processor time of `predict` on 3 s (mean of 50 calls), and that of an hour: other programs on the machine lengthen it little. */
export function measureLatency(
  model: SpeechEmotionModel,
  speech: { samples: Float32Array; sampleRate: number },
): NonNullable<SpeechModelCard['evaluation']['latency']> {
  const { sampleRate } = speech
  const repeat = (seconds: number) => {
    const out = new Float32Array(Math.round(seconds * sampleRate))
    for (let at = 0; at < out.length; at += speech.samples.length) out.set(speech.samples.subarray(0, out.length - at), at)
    return { samples: out, sampleRate }
  }
  const milliseconds = (run: () => unknown) => {
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  const clip = repeat(3)
  const calls = (count: number) => {
    for (let i = 0; i < count; i++) model.predict(clip)
  }
  calls(20)
  const perClip = milliseconds(() => calls(50)) / 50
  const hour = repeat(3600)
  return {
    clipSeconds: 3,
    milliseconds: perClip,
    hourSeconds: milliseconds(() => model.predict(hour)) / 1000,
    clock: 'processor',
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, one thread, Node ${process.versions.node}`,
  }
}
