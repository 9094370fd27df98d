import type { ReplicaDescription, ReplicaStart, StepReport } from './replica.ts'
import type { EpochRecord, Position, RunOptions } from './runOptions.ts'

/** What a training worker is started with. */
export interface WorkerData {
  readonly recipe: string
  readonly config: unknown
  readonly run: RunOptions
  readonly rank: number
  readonly size: number
}

/** What a replica in a worker asks of the coordinator; each gets an {@link Answer}. */
export type Request =
  | { readonly type: 'describe'; readonly value: ReplicaDescription }
  | { readonly type: 'save'; readonly value: Position }
  | { readonly type: 'finishEpoch'; readonly value: EpochRecord }
  | { readonly type: 'gather'; readonly value: Float32Array }

/** From a worker to the coordinator. */
export type WorkerMessage =
  | { readonly type: 'request'; readonly id: number; readonly request: Request }
  | { readonly type: 'step'; readonly report: StepReport }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: SerializedError }

/** From the coordinator to a worker. */
export interface Answer {
  readonly id: number
  readonly value: ReplicaStart | boolean | Float32Array[] | undefined
}

/** An error as it crosses threads: structured clones lose `code` and the class. */
export interface SerializedError {
  readonly message: string
  readonly stack?: string
  readonly code?: string
  readonly details?: Readonly<Record<string, unknown>>
}
