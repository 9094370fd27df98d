/** Text as one line that cannot drive a terminal: a file name may hold line breaks and escape sequences. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what the terminal must not obey
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
}
