import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { FaceModelCard, FaceModelLatency } from '../src/faceModelCard.ts'
import { describe } from './describe.ts'
import { givenPath } from './givenPath.ts'
import { updateCard } from './modelFolder.ts'

const usage = `Renews the cards of shipped weights (model.json, card.json, CARD.md): their descriptions from training/describe.ts, and latency when it was measured.

  npm run -w packages/face-model card [-- --latency FILE]

  --latency FILE  what \`npm run face -w benchmarks -- --json FILE\` wrote; for the default weights, which that runs
  --help
`

const { values } = parseArgs({ options: { latency: { type: 'string' }, help: { type: 'boolean', default: false } } })
if (values.help) {
  console.log(usage)
} else {
  // npm runs a workspace's script in the workspace's folder.
  const file = values.latency && givenPath(values.latency)
  const latency = file && (JSON.parse(await readFile(file, 'utf8')) as FaceModelLatency)
  await renew('default', 'best', (card) => (latency ? { ...card, evaluation: { ...card.evaluation, latency } } : card))
  await renew('paper', 'paper')
}

async function renew(weights: string, model: Parameters<typeof describe>[0], change = (card: FaceModelCard) => card): Promise<void> {
  const folder = fileURLToPath(new URL(`../weights/${weights}`, import.meta.url))
  await updateCard(folder, (card) => change({ ...card, ...describe(model) }))
  console.log(`${folder}/CARD.md`)
}
