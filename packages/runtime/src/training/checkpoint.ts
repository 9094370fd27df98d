import { open, mkdir, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EmoError } from '@emo/errors'
import { sha256Hex } from '../weights/sha256.ts'
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts'
import type { EpochRecord, Position } from './runOptions.ts'
import type { SharedState } from './sharedState.ts'

/** The best epoch so far. */
export interface BestEpoch {
  readonly epoch: number
  readonly value: number
}

/** What a checkpoint holds besides vectors. */
export interface CheckpointState {
  /** What decides the run's numbers: configuration and options. */
  readonly run: unknown
  readonly position: Position
  readonly history: readonly EpochRecord[]
  readonly best?: BestEpoch
  /** Set when the run ended before its last epoch, by patience. */
  readonly stoppedEarly: boolean
  readonly names: readonly string[]
  readonly shapes: readonly (readonly number[])[]
}

/** Names of the vectors in a checkpoint. */
export const checkpointVectors = ['weights', 'average', 'best', 'moment1', 'moment2'] as const

/** A checkpoint as read. */
export interface Checkpoint {
  readonly state: CheckpointState
  readonly vectors: Readonly<Record<(typeof checkpointVectors)[number], Float32Array>>
}

/** The bytes of a checkpoint: a copy of the state as it is now. */
export async function encodeCheckpoint(state: CheckpointState, shared: SharedState): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = Object.fromEntries(checkpointVectors.map((name) => [name, shared[name].slice()]))
  return encodeSafetensors({ tensors, metadata: { state: JSON.stringify(state), sha256: await digest(tensors) } })
}

/** Replaces a file at once: after a crash there is the old one or the new one, whole. */
export async function writeAtomically(path: string, contents: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w')
  try {
    await file.writeFile(contents)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

/** Reads a checkpoint, if there is one. @throws {@link EmoError} `CHECKPOINT_DAMAGED` */
export async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const { tensors, metadata } = decodeSafetensors(bytes)
    if ((await digest(tensors)) !== metadata.sha256) throw new EmoError('CHECKPOINT_DAMAGED', 'its checksum differs')
    return { state: JSON.parse(metadata.state) as CheckpointState, vectors: tensors }
  } catch (error) {
    throw new EmoError('CHECKPOINT_DAMAGED', `the checkpoint ${path} is damaged: delete it to start again (${(error as Error).message})`, {
      cause: error,
      details: { path },
    })
  }
}

async function digest(tensors: Readonly<Record<string, Float32Array>>): Promise<string> {
  const hashes = await Promise.all(checkpointVectors.map((name) => sha256Hex(new Uint8Array(tensors[name].slice().buffer))))
  return sha256Hex(new TextEncoder().encode(hashes.join()))
}

/**
 * Refuses a checkpoint of another run.
 *
 * @throws {@link EmoError} `CHECKPOINT_MISMATCH`, naming what differs
 */
export function assertSameRun(path: string, saved: unknown, current: unknown): void {
  const differences = differingKeys(saved, JSON.parse(JSON.stringify(current)))
  if (differences.length === 0) return
  throw new EmoError(
    'CHECKPOINT_MISMATCH',
    `${path} belongs to a run with another ${differences.join(', ')}: use another directory, or restart to discard it`,
    { details: { path, differences } },
  )
}

/** Dotted paths of the values in which two JSON values differ. */
function differingKeys(a: unknown, b: unknown, path = ''): string[] {
  if (Object.is(a, b)) return []
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return [path || 'value']
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap((key) =>
    differingKeys((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`),
  )
}
