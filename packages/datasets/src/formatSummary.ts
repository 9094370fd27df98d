import type { DatasetSummary } from './inspectDataset.ts'

/** Options of {@link formatSummary}. */
export interface FormatSummaryOptions {
  /** Width of the longest bar, in characters. Default 30. */
  readonly barWidth?: number
  /** Problems listed one by one; the counts are always there. Default 10. */
  readonly maxProblems?: number
}

/** Eighths of a block, so that bars have a finer step than a character. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A summary as text: tables with bars, for people. */
export function formatSummary(summary: DatasetSummary, options: FormatSummaryOptions = {}): string {
  const { barWidth = 30, maxProblems = 10 } = options
  const lines = [`${summary.corpus}  ${printable(summary.name)}`, `${plural(summary.samples, 'sample')} (${list(summary.modalities)})`]
  const section = (title: string, entries: readonly (readonly [string, number])[]) => {
    if (entries.length > 0) lines.push('', title, ...bars(entries, barWidth))
  }
  section('Emotion', Object.entries(summary.emotions))
  const own = Object.keys(summary.labels)
  if (own.join() !== Object.keys(summary.emotions).sort().join()) section("The corpus's own label", Object.entries(summary.labels))
  section('Official split', Object.entries(summary.splits))
  const speakers = Object.keys(summary.speakers).length
  if (speakers > 0)
    section(
      `Speaker (${speakers}${Object.keys(summary.sexes).length > 0 ? `; samples: ${list(summary.sexes)}` : ''})`,
      byName(summary.speakers),
    )
  const { durations } = summary
  if (durations !== undefined) {
    const { total, min, median, mean, max, histogram, binSeconds } = durations
    lines.push(
      '',
      `Duration: ${clock(total)} in all; ${min.toFixed(2)} to ${max.toFixed(2)} s, median ${median.toFixed(2)}, mean ${mean.toFixed(2)}`,
    )
    const first = histogram.findIndex((value) => value > 0)
    lines.push(
      ...bars(
        histogram.slice(first).map((value, i) => [`${((first + i) * binSeconds).toFixed(1)} s`, value] as const),
        barWidth,
      ),
    )
  }
  if (summary.alsoInTest > 0)
    lines.push('', `${number(summary.alsoInTest)} training samples are identical to test samples (left out by officialSplit)`)
  const problemCount = summary.problems.length
  lines.push('', problemCount === 0 ? 'No problems' : `${plural(problemCount, 'problem')} (${list(summary.problemCounts)})`)
  for (const { code, path, reason, others } of summary.problems.slice(0, maxProblems)) {
    lines.push(
      printable(
        `  ${code}  ${path === '' ? '.' : path}: ${reason}${others === undefined ? '' : ` (also ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', ...' : ''})`}`,
      ),
    )
  }
  if (problemCount > maxProblems) lines.push(`  ... and ${number(problemCount - maxProblems)} more`)
  if (summary.ignored > 0) lines.push(`${plural(summary.ignored, 'other file')} ignored`)
  return lines.join('\n')
}

function bars(entries: readonly (readonly [string, number])[], width: number): string[] {
  const nameWidth = Math.max(...entries.map(([name]) => name.length))
  const most = Math.max(...entries.map(([, value]) => value), 1)
  const numberWidth = number(most).length
  return entries.map(([name, value]) => {
    const eighths = Math.round((value / most) * width * 8)
    const bar = '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
    return `  ${name.padEnd(nameWidth)}  ${number(value).padStart(numberWidth)}  ${bar}`.trimEnd()
  })
}

/** A file name may hold a line break or an escape sequence: a terminal must not obey it. */
// eslint-disable-next-line no-control-regex -- that is what is looked for
const printable = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

const number = (value: number) => value.toLocaleString('en-US')
const plural = (value: number, what: string) => `${number(value)} ${what}${value === 1 ? '' : 's'}`
/** Objects keep keys such as "10" before those such as "01". */
const byName = (counts: Readonly<Record<string, number>>) => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))
const list = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ')

function clock(seconds: number): string {
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return `${hours > 0 ? `${hours} h ` : ''}${minutes} min ${whole % 60} s`
}
