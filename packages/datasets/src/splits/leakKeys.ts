import type { Sample } from '../sample.ts'

/** What two samples may share without being the same sample. */
export type LeakKind = 'speaker' | 'recording' | 'content'

/** Name of a corpus as far as people and pictures are concerned: FERPlus labels the images of FER2013. */
function population(sample: Sample): string {
  return sample.corpus === 'ferplus' ? 'fer2013' : sample.corpus
}

/** Speaker, unique among all corpora. */
export function speakerKey(sample: Sample): string | undefined {
  return sample.speaker === undefined ? undefined : `${sample.corpus}/${sample.speaker}`
}

/** What must not be on both sides of a split, as keys that are equal when it is. */
export function leakKeys(sample: Sample): (readonly [LeakKind, string])[] {
  const keys: (readonly [LeakKind, string])[] = [['content', `${population(sample)}/id/${sample.corpus}/${sample.id}`]]
  const speaker = speakerKey(sample)
  if (speaker !== undefined) keys.push(['speaker', speaker])
  if (sample.recording !== undefined) keys.push(['recording', `${sample.corpus}/${sample.recording}`])
  if (sample.duplicateGroup !== undefined) keys.push(['content', `hash/${sample.duplicateGroup}`])
  if (population(sample) === 'fer2013' && sample.row !== undefined) keys.push(['content', `fer2013/row/${sample.row}`])
  return keys
}
