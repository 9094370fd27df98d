import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FaceModelCard } from '../src/faceModelCard.ts'
import type { FaceModelMetadata } from '../src/modelMetadata.ts'
import { cardText } from './describe.ts'

/** The parts of `model.json` that the card is in. */
interface ModelJson {
  readonly userDefinedMetadata: { readonly face: FaceModelMetadata }
}

/** Writes a card for programs and for people, beside the `model.json` that holds it, too. */
export async function writeCard(folder: string, card: FaceModelCard): Promise<void> {
  await writeFile(join(folder, 'card.json'), `${JSON.stringify(card, undefined, 2)}\n`)
  await writeFile(join(folder, 'CARD.md'), cardText(card))
}

/** The card in a folder's `model.json`. */
export async function readCard(folder: string): Promise<FaceModelCard> {
  return (await readModelJson(folder)).userDefinedMetadata.face.card
}

/** Changes the card of shipped weights in all of its three files; the weights stay as they are. */
export async function updateCard(folder: string, change: (card: FaceModelCard) => FaceModelCard): Promise<FaceModelCard> {
  const json = await readModelJson(folder)
  const { userDefinedMetadata } = json
  const card = change(userDefinedMetadata.face.card)
  await writeFile(
    join(folder, 'model.json'),
    JSON.stringify({ ...json, userDefinedMetadata: { ...userDefinedMetadata, face: { ...userDefinedMetadata.face, card } } }),
  )
  await writeCard(folder, card)
  return card
}

async function readModelJson(folder: string): Promise<ModelJson> {
  return JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as ModelJson
}
