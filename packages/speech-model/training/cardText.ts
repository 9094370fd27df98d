import { EMOTIONS } from '@emo/datasets'
import type { SpeechModelCard, Spread } from '../src/modelCard.ts'

const ravdess = {
  name: 'RAVDESS (speech)',
  clips: 1440,
  speakers: 24,
  terms: 'CC BY-NC-SA 4.0',
  citation:
    'Livingstone SR, Russo FA (2018) The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS). PLoS ONE 13(5): e0196391. https://doi.org/10.5281/zenodo.1188976',
} as const

const emoDb = {
  name: 'EmoDB (without boredom)',
  clips: 454,
  speakers: 10,
  terms: 'free to use; citation asked',
  citation:
    'Burkhardt F, Paeschke A, Rolfes M, Sendlmeier W, Weiss B (2005) A Database of German Emotional Speech. Interspeech 2005, 1517-1520',
} as const

/** Everything of a card that no run measures. */
export function cardFacts(name: 'default' | 'paper', parameters: number, seed: string): Omit<SpeechModelCard, 'evaluation'> {
  const shipped = name === 'default'
  return {
    name: shipped ? 'emo-speech' : 'emo-speech-paper-lstm',
    version: '1.0.0',
    description: shipped
      ? 'Three networks side by side whose logits are averaged, each a residual LSTM, a bidirectional LSTM and attention over 85 ms frames (MFCC of mel bands up to 6.6 kHz; pitch in octaves above the recording’s own median, and how periodic the voice is, twice a frame); steady background noise and the level of the recording are removed, so neither a gain nor another sample rate changes the answer. Every recording is looked at six times: as it is, as if played two semitones slower, and as much faster, and each of these with frames half-way between, too.'
      : 'The published LSTM (128 - 64 - 32 - 8) on MFCC, zero-crossing rate and RMS, its logits averaged over four views of a recording; kept for comparison, not for use.',
    parameters,
    training: {
      corpora: shipped ? [ravdess, emoDb] : [ravdess],
      protocol: shipped
        ? 'Figures: the five speaker-independent folds of RAVDESS actors of arXiv 2606.03359, trained on the other 19 actors and on EmoDB (German; no other English speech), a fixed number of epochs, averaged weights, no network saw its test actors; the recipe itself was chosen on validation actors who are test actors of other folds, its length and the share of noise after a look at the folds of other runs, the views after a look at the answers of earlier folds, and the pitch, and how noise covers it, after a look at the first fold’s test actors and at EmoDB, which was left out of training for that, so the figures are somewhat optimistic. The weights in the package: the same recipe on all clips of both corpora.'
        : 'The published protocol: a random 80/20 split of RAVDESS, the same actors on both sides; these weights are the network of the first split. The recipe was chosen on another random split. The figure says little about unknown speakers: the figure for unknown actors comes from the same network trained on the other folds of actors, whose answers calibrate the scores.',
      seeds: [Number(seed)],
      command: `npx nx run speech-model:train --data DIR --model ${shipped ? 'portable --final' : 'paper --random'}`,
    },
    intendedUse: [
      'A hint at the emotion in acted or clearly expressed speech, on the speaker’s own device, with the speaker’s knowledge and consent.',
      'Research, teaching, prototypes, and as a starting point for fineTune.',
    ],
    outOfScope: [
      'Decisions about people: hiring, grading, credit, policing, insurance, medical or psychological diagnosis.',
      'Emotion recognition at work or in education, which the EU AI Act (Regulation 2024/1689, Article 5(1)(f)) prohibits.',
      'Covert use, or use without the speaker’s consent; lie detection; inferring what a person feels rather than how a voice sounds.',
    ],
    limitations: [
      'Trained on acted North American English (24 actors) and acted German (10); everyday speech, other languages, children and old voices are not covered, and figures there will be lower.',
      'What people feel and how they sound are different things; people themselves agree with the actors’ intention in about 60 % of RAVDESS’s clips by ear alone.',
      'calm and neutral are close, and so are fear and sadness, happiness and surprise: see the table.',
      ...(shipped
        ? ['Steady noise is taken out; music, other voices and sudden sounds are not, and what noise costs is in the table.']
        : []),
      'The voice gate looks for periodic sound: whispers are answered "no speech", and music may pass as speech.',
    ],
    license: 'CC BY-NC-SA 4.0 (weights); MIT (code)',
    attribution: shipped ? [ravdess.citation, emoDb.citation] : [ravdess.citation],
  }
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`

const spreadText = ({ runs, deviation }: Spread) => (runs === 1 ? 'one seed' : `${runs} seeds, +- ${percent(deviation)}`)

/** The card as a page for people. */
export function cardMarkdown(name: string, card: SpeechModelCard): string {
  const { ravdess: folds, randomSplit, savee, shortWindows, noise, latency, commands } = card.evaluation
  const lines: string[] = [
    `# ${card.name} ${card.version} (\`${name}\`)`,
    '',
    '<!-- Written by training/release.ts; do not edit. -->',
    '',
    card.description,
    '',
    `${card.parameters.toLocaleString('en')} parameters, float16. Classes: ${EMOTIONS.join(', ')}.`,
    '',
    '## Figures',
    '',
    '| measured | value |',
    '|---|---|',
  ]
  const row = (what: string, value: string) => lines.push(`| ${what} | ${value} |`)
  const ofFoldNetworks = (each: readonly number[] | undefined) => {
    if (!each) return
    const mean = each.reduce((sum, value) => sum + value, 0) / each.length
    row(
      `the same of the folds’ ${each.length} networks: mean, least to most`,
      `${percent(mean)}, ${percent(Math.min(...each))} to ${percent(Math.max(...each))}`,
    )
  }
  if (folds) {
    const { foldsRun = [0, 1, 2, 3, 4] } = folds
    const which = foldsRun.length === 5 ? 'five folds' : `only ${foldsRun.length === 1 ? 'fold' : 'folds'} ${foldsRun.join()} of 0 to 4`
    row(`RAVDESS, 8 classes, unknown actors (${which}): UAR, ${spreadText(folds.uar)}`, `**${percent(folds.uar.mean)}**`)
    row('the folds', folds.folds.map(percent).join(', '))
    row('accuracy, same folds', percent(folds.accuracy.mean))
    row('UAR, women / men', `${percent(folds.bySex.female)} / ${percent(folds.bySex.male)}`)
    row('expected calibration error (15 bins), temperature from other actors', folds.expectedCalibrationError.toFixed(3))
    if (folds.uncertainty) {
      row('answers flagged `uncertain`, threshold from other actors', percent(folds.uncertainty.flagged))
      row(
        'right among the others / among the flagged',
        `${percent(folds.uncertainty.accuracyCertain)} / ${percent(folds.uncertainty.accuracyFlagged)}`,
      )
    }
  }
  if (randomSplit) {
    row(
      `RAVDESS, **the same actors in training and test** (random 80/20 split, the paper’s protocol): accuracy, ${spreadText(randomSplit.accuracy)}`,
      percent(randomSplit.accuracy.mean),
    )
    row('the same networks on their training clips: accuracy', percent(randomSplit.trainAccuracy))
  }
  if (shortWindows)
    row(
      'RAVDESS, unknown actors, 0.8 s windows: UAR',
      `${percent(shortWindows.uar)} (${shortWindows.noSpeech} of ${shortWindows.clips} answered "no speech")`,
    )
  if (savee) {
    row('SAVEE, never trained on, 4 classes (anger, happiness, neutral, sadness): accuracy', percent(savee.accuracy4))
    ofFoldNetworks(savee.foldAccuracy4)
    row('SAVEE, 4 classes: UAR', percent(savee.uar4))
    row('SAVEE, all 7 classes: UAR', percent(savee.uar7))
  }
  if (noise) {
    const room = `in noise ${noise.belowDb} dB below the loudest 0.1 s`
    row(`SAVEE ${room}: accuracy of 4 classes`, percent(noise.accuracy4))
    ofFoldNetworks(noise.foldAccuracy4)
    row('SAVEE in that noise, all 7 classes: UAR', percent(noise.uar7))
    if (noise.ravdessUar !== undefined) row('RAVDESS, unknown actors, in that noise: UAR, one seed', percent(noise.ravdessUar))
  }
  if (latency) {
    const clock = latency.clock ? `, ${latency.clock} time` : ''
    row(`\`predict\` of ${latency.clipSeconds} s at 16 kHz, features included${clock}`, `${latency.milliseconds.toFixed(1)} ms`)
    row(
      `\`predict\` of an hour${clock}`,
      `${latency.hourSeconds.toFixed(1)} s (${(3600 / latency.hourSeconds).toFixed(0)} times real time)`,
    )
    row('machine', latency.machine)
  }
  if (folds) {
    lines.push('', '### By emotion (RAVDESS, unknown actors)', '', '| emotion | precision | recall | F1 | clips |', '|---|---|---|---|---|')
    for (const c of folds.classes)
      lines.push(`| ${c.emotion} | ${percent(c.precision)} | ${percent(c.recall)} | ${percent(c.f1)} | ${c.support} |`)
  }
  const list = (title: string, items: readonly string[]) => lines.push('', `## ${title}`, '', ...items.map((item) => `- ${item}`))
  lines.push('', 'Commands behind the figures:', '', '```sh', ...commands, '```')
  lines.push(
    '',
    '## Training',
    '',
    card.training.protocol,
    '',
    `The weights: seed ${card.training.seeds.join()}, \`${card.training.command}\`.`,
  )
  list(
    'Data',
    card.training.corpora.map(
      (corpus) => `${corpus.name}: ${corpus.clips} clips, ${corpus.speakers} speakers; ${corpus.terms}. ${corpus.citation}`,
    ),
  )
  list('For', card.intendedUse)
  list('Not for', card.outOfScope)
  list('Limits', card.limitations)
  list('Terms', [`${card.license}. See LICENSE-WEIGHTS.`, ...card.attribution])
  return `${lines.join('\n')}\n`
}
