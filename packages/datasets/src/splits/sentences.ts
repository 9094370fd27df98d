import type { GroupBy } from './groups.ts'

/** Whether groups leave the same speakers on both sides: every speaker says every sentence, so that no other split by sentence is possible. */
export function sharesSpeakers(by: GroupBy): boolean {
  return by === 'sentence'
}

/** What the protocol of a split by such groups says of it. */
export function caveatOf(by: GroupBy): { readonly unsafe: boolean; readonly warnings: readonly string[] } {
  return sharesSpeakers(by)
    ? { unsafe: true, warnings: ['the same speakers are on both sides: it says how a model fares on new sentences, not on new voices'] }
    : { unsafe: false, warnings: [] }
}
