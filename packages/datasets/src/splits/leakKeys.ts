import type { Sample } from '../sample.ts'
import { hashOf } from './hashAcrossFolders.ts'

/** What two samples may share without being the same sample. */
export type LeakKind = 'speaker' | 'recording' | 'content'

/** Speaker, unique among all corpora. */
export function speakerKey(sample: Sample): string | undefined {
  return sample.speaker === undefined ? undefined : `${sample.corpus}/${sample.speaker}`
}

/** What must not be on both sides of a split, as keys that are equal when it is. */
export function leakKeys(sample: Sample): (readonly [LeakKind, string])[] {
  const keys: (readonly [LeakKind, string])[] = [['content', `${sample.corpus}/${sample.id}`]]
  const speaker = speakerKey(sample)
  if (speaker !== undefined) keys.push(['speaker', speaker])
  if (sample.recording !== undefined) keys.push(['recording', `${sample.corpus}/${sample.recording}`])
  // FERPlus has the images of FER2013: hashes are compared across corpora.
  const hash = hashOf(sample)
  if (hash !== undefined) keys.push(['content', `hash ${hash}`])
  return keys
}
