import type { Modality } from '../../../src/prediction.ts'

/** One task after the other, in the order they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /**
   * Runs a task when all before it are done, whatever became of them.
   *
   * @param signal - aborted before its turn, the task is left out, and the signal's reason is thrown
   */
  take<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#last.then(() => {
      signal.throwIfAborted()
      return task()
    })
    // Not the turn itself: it would keep its result.
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    )
    return turn
  }
}

/** Who may ask which model: a worker that is given several files at once holds all of them, decoded, and answers none before the last is decoded. */
export const turns: Readonly<Record<Modality, Turns>> = { speech: new Turns(), face: new Turns() }
