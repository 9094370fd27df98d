import type { Sample } from '../sample.ts'
import { markHeldOut } from './heldOut.ts'
import type { Exclusion, Split, SplitProtocol } from './split.ts'
import { speakerKey } from './leakKeys.ts'

/** Fewer speakers than this on all sides together cannot tell how a model fares on new ones. */
const FEWEST_SPEAKERS = 3

interface Sides {
  readonly train: readonly Sample[]
  readonly validation?: readonly Sample[]
  readonly test: readonly Sample[]
  readonly excluded?: readonly Exclusion[]
}

/** Puts a split together, adds the warnings, and marks its held-out sides so that no augmentation can be attached to them. */
export function makeSplit(sides: Sides, protocol: Omit<SplitProtocol, 'warnings'> & Partial<Pick<SplitProtocol, 'warnings'>>): Split {
  const { train, validation = [], test, excluded = [] } = sides
  markHeldOut(validation)
  markHeldOut(test)
  return {
    train,
    validation,
    test,
    excluded,
    protocol: { ...protocol, warnings: [...(protocol.warnings ?? []), ...warningsOf([...train, ...validation, ...test], test)] },
  }
}

function warningsOf(all: readonly Sample[], test: readonly Sample[]): string[] {
  const warnings: string[] = []
  for (const corpus of new Set(test.map((sample) => sample.corpus))) {
    const speakers = new Set(all.filter((sample) => sample.corpus === corpus).map(speakerKey))
    if (!speakers.has(undefined) && speakers.size < FEWEST_SPEAKERS) {
      warnings.push(
        `the test on ${corpus} has ${speakers.size === 1 ? 'one speaker' : `${speakers.size} speakers`} to go by: it says nothing about other voices`,
      )
    }
  }
  return warnings
}
