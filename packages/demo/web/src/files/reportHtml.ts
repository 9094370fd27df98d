import { EMOTION_FACES } from 'virtual:emotion-faces'
import type { CorpusEmotion } from '@emo/datasets'
import { EMOTION_DISPLAY, EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { WrittenPrediction } from '../../../src/predictionFormat.ts'
import { percent } from '../components/answerPanel.tsx'
import { UNSURE } from './unsure.ts'

/** A file in the report. */
export interface ReportEntry {
  readonly prediction: WrittenPrediction
  /** A small picture of the file as a data URL. */
  readonly picture?: string
  /** Of an example: what its actor meant. */
  readonly acted?: CorpusEmotion
}

/** What the answer is from, as people say it. */
function sourceOf({ modality, weights }: WrittenPrediction): string {
  if (modality !== 'both') return modality === 'face' ? 'from the face' : 'from the voice'
  const shares = weights ? ` (${percent(weights.speech)} and ${percent(weights.face)})` : ''
  return `from voice and face together${shares}`
}

/** A page that stands alone: no script, no other file, every name escaped. */
export function reportHtml(entries: readonly ReportEntry[], made: Date): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Emotion report</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
article { border: 1px solid #8885; border-radius: 14px; padding: 1rem 1.25rem; margin: 1rem 0 }
article > img { max-width: 100%; max-height: 18rem; border-radius: 10px; display: block; margin-bottom: .75rem }
h2 { font-size: 1.05rem; margin: 0 0 .5rem; overflow-wrap: anywhere }
.answer { display: flex; align-items: center; gap: .75rem; font-size: 1.4rem; font-weight: 700 }
.answer img { width: 48px } .answer small { font-weight: 400; font-size: 1rem; opacity: .75 }
.unsure .answer img { filter: grayscale(1) } .unsure strong { font-weight: 650 }
td:nth-child(2) { width: 60% } table { width: 100%; border-collapse: collapse; font-size: .92rem }
meter { width: 100%; height: 1rem } td:last-child { text-align: right; font-variant-numeric: tabular-nums }
footer { opacity: .75; font-size: .88rem }
</style>
</head>
<body>
<h1>Emotion report</h1>
<p>${entries.length} ${entries.length === 1 ? 'file' : 'files'}, ${escapeHtml(made.toISOString().slice(0, 16).replace('T', ' '))} UTC.</p>
${entries.map(entryHtml).join('\n')}
<footer><p>Made by Emo on one person's own device. The models were trained on acted emotions: they name an expression, they do not know what somebody feels.
A probability of 60 % is wrong four times in ten. Inferring the emotions of people at work or in education is forbidden in the European Union (AI Act, article 5).</p></footer>
</body>
</html>
`
}

function entryHtml({ prediction, picture, acted }: ReportEntry): string {
  const { file, emotion, confidence, scores, uncertain } = prediction
  const { label } = EMOTION_DISPLAY[emotion]
  const rows = EMOTION_ORDER.flatMap((name) => {
    const score = scores[name]
    if (score === undefined) return []
    const text = EMOTION_DISPLAY[name].label
    return [
      `<tr><td>${text}</td><td><meter max="1" value="${score.toFixed(4)}" aria-label="${text}"></meter></td><td>${percent(score)}</td></tr>`,
    ]
  })
  const notes = [
    uncertain && `<strong>Unsure:</strong> ${UNSURE}`,
    acted && `The actor meant ${EMOTION_DISPLAY[acted].label.toLowerCase()}.`,
  ].filter(Boolean)
  return `<article${uncertain ? ' class="unsure"' : ''}>
${picture ? `<img src="${picture}" alt="">` : ''}<h2>${escapeHtml(file)}</h2>
<p class="answer"><img src="${EMOTION_FACES[emotion]}" alt="">${label} <small>${percent(confidence)}, ${sourceOf(prediction)}</small></p>
${notes.length > 0 ? `<p>${notes.join(' ')}</p>\n` : ''}<table>${rows.join('')}</table>
</article>`
}

/** Text as it may stand in HTML, attributes included. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
