import { EMOTION_FACES } from 'virtual:emotion-faces'
import { EMOTION_DISPLAY, EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { FilePrediction } from '../../../src/prediction.ts'
import { percent } from '../components/answerPanel.tsx'

/** A file in the report. */
export interface ReportEntry {
  readonly prediction: FilePrediction
  /** A small picture of the file as a data URL. */
  readonly picture?: string
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

function entryHtml({ prediction, picture }: ReportEntry): string {
  const { file, modality, emotion, confidence, scores } = prediction
  const { label } = EMOTION_DISPLAY[emotion]
  const rows = EMOTION_ORDER.flatMap((name) => {
    const score = scores[name]
    if (score === undefined) return []
    const text = EMOTION_DISPLAY[name].label
    return [
      `<tr><td>${text}</td><td><meter max="1" value="${score.toFixed(4)}" aria-label="${text}"></meter></td><td>${percent(score)}</td></tr>`,
    ]
  })
  return `<article>
${picture ? `<img src="${picture}" alt="">` : ''}<h2>${escapeHtml(file)}</h2>
<p class="answer"><img src="${EMOTION_FACES[emotion]}" alt="">${label} <small>${percent(confidence)}, from the ${modality === 'face' ? 'face' : 'voice'}</small></p>
<table>${rows.join('')}</table>
</article>`
}

/** Text as it may stand in HTML, attributes included. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
