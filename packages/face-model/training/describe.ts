import { faceEmotions } from '../src/faceEmotions.ts'
import type { FaceModelCard, FaceModelLatency, FaceModelTraining } from '../src/faceModelCard.ts'

/** The parts of a card that no measurement changes. */
export function describe(model: 'best' | 'paper'): Omit<FaceModelCard, 'parameters' | 'training' | 'evaluation'> {
  return {
    name: model === 'best' ? 'Emo face model' : 'Emo face model, the published CNN',
    description:
      model === 'best'
        ? 'Residual CNN on 48x48 grey faces with two heads: FER2013 (7 emotions) and FERPlus (8, from the votes of ten annotators). The answer mixes both into the 7.'
        : 'The CNN of the published system (convolutions with ReLU, pooling, dropout, dense softmax), for comparison with the default model.',
    intendedUse: [
      'Showing which emotion a facial expression resembles, to the person it belongs to or with their consent, as in teaching, play, art and research.',
      'A baseline for facial expression recognition in JavaScript.',
    ],
    outOfScope: [
      'Decisions about people: hiring, schooling, credit, policing, border control, insurance, diagnosis. In the European Union emotion recognition at work and in schools is prohibited (AI Act, article 5).',
      'Watching people who do not know or have not agreed.',
      'Telling what a person feels: the network names an expression in one picture, not a state of mind.',
    ],
    limitations: [
      'FER2013 was collected with a web search; its labels are noisy (people agree with them on about 65 %), and nobody has recorded age, sex or skin colour. Expect uneven accuracy between groups of people.',
      'Measured on FER2013 and FERPlus only. CK+ and JAFFE, which are given out on request, were not available: how much is lost on other corpora is not known.',
      'Posed and exaggerated expressions prevail in the data. Everyday faces are mostly answered neutral or with low confidence.',
      'Fear, disgust and sadness are confused most; disgust is rare in the data.',
      '`calm`, one of the eight emotions of the published system, has no face corpus and is never answered.',
      'Faces turned away by more than about 45 degrees, covered, or smaller than 24 pixels are missed or misread.',
    ],
    license: 'See LICENSE-WEIGHTS.md: FER2013 has no clear licence, so neither have weights that were trained on it.',
    attribution: [
      'I. Goodfellow et al., "Challenges in representation learning: a report on three machine learning contests", ICONIP 2013 (FER2013).',
      'E. Barsoum, C. Zhang, C. Canton Ferrer, Z. Zhang, "Training deep networks for facial expression recognition with crowd-sourced label distribution", ICMI 2016 (FERPlus, MIT).',
    ],
  }
}

/** A card as Markdown. */
export function cardText(card: FaceModelCard): string {
  const { training, evaluation } = card
  const { publicTest, ferPlusValid, latency } = evaluation
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`
  const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n')
  return `# ${card.name}

${card.description} ${card.parameters.toLocaleString('en')} parameters.

## Training

${training.corpus}: ${training.images.toLocaleString('en')} images; ${training.leftOut.alsoInTest} that are pixel-identical to a test image and ${training.leftOut.ambiguous} with
contradicting labels were left out. ${training.epochs} epochs, seed ${training.seed}.${training.averaged === undefined ? '' : ` The weights are the mean of what ${training.averaged} stages ended with.`}${training.teachers === undefined ? '' : ` In the last stage half of the targets were what ${training.teachers === 1 ? 'an earlier network' : `${training.teachers} earlier networks`} answered to a picture and its mirror image.`}

    ${training.command}
${training.continuedFrom === undefined ? '' : `\nIt went on from earlier weights: ${earlier(training.continuedFrom)}. Without \`--from\` the command runs the stages one after the other.\n`}
The same command writes this card and the report.

## Evaluation

On the weights as shipped, one crop, no test-time augmentation.

| measure | value |
|---|---|
| FER2013 PublicTest, ${publicTest.images} images: accuracy | **${percent(publicTest.accuracy)}** |
| unweighted average recall | ${percent(publicTest.unweightedAverageRecall)} |
| macro F1 | ${percent(publicTest.macroF1)} |
| without the images that the training side of the corpus holds, too (${publicTest.withoutDuplicates.images}) | ${percent(publicTest.withoutDuplicates.accuracy)} |
| expected calibration error, each half calibrated on the other | ${publicTest.expectedCalibrationError.toFixed(3)} |
| not flagged \`uncertain\`: share, accuracy on those | ${percent(publicTest.certain.share)}, ${percent(publicTest.certain.accuracy)} |
${ferPlusValid === undefined ? '' : `| FERPlus Valid, 8 classes, majority of the annotators (${ferPlusValid.images} images) | ${percent(ferPlusValid.accuracy)} |\n`}
PublicTest served to fit the calibration and to compare recipes; PrivateTest was not looked at.

| emotion | precision | recall | F1 | images |
|---|---|---|---|---|
${publicTest.classes.map((c) => `| ${c.emotion} | ${percent(c.precision)} | ${percent(c.recall)} | ${percent(c.f1)} | ${c.support} |`).join('\n')}

Confusions (rows truth, columns answer):

| | ${faceEmotions.join(' | ')} |
|---|${faceEmotions.map(() => '---|').join('')}
${publicTest.confusion.map((row, k) => `| **${faceEmotions[k]}** | ${row.join(' | ')} |`).join('\n')}

## Latency

${latency === undefined ? 'Not measured for these weights.' : latencyText(latency)}

## Intended use

${list(card.intendedUse)}

## Not for

${list(card.outOfScope)}

## Limitations

${list(card.limitations)}

## Terms

${card.license}

${list(card.attribution)}
`
}

function latencyText({ milliseconds, batchMilliseconds, frameMilliseconds, peers, runs, machine, command }: FaceModelLatency): string {
  const ms = (value: number): string => `${value.toFixed(2)} ms`
  return `\`${command}\`, medians (one face: of ${runs} calls), ${machine}. All in one run; the ratios carry over to other machines, the milliseconds do not.

| measure | time |
|---|---|
| \`predict\`, one face | **${ms(milliseconds)}** |
| \`predictBatch\` of 32, a face | ${ms(batchMilliseconds)} |
| \`detect\` in a frame of 640 x 480 with one face | ${ms(frameMilliseconds)} |
${peers.map((peer) => `| ${peer.name}, one face | ${ms(peer.milliseconds)}; this model takes ${peer.ratio.toFixed(2)} of it |`).join('\n')}`
}

function earlier({ epochs, seed, command, continuedFrom }: FaceModelTraining): string {
  const own = `${epochs} epochs, seed ${seed} (\`${command}\`)`
  return continuedFrom === undefined ? own : `${own}, themselves from ${earlier(continuedFrom)}`
}
