// Writes docs/dsp: a page a function, with a picture of its output on a real clip. `npm run docs -w packages/dsp`
import { mkdirSync, writeFileSync } from 'node:fs'
import { readNpy } from '../src/__tests__/npy.ts'
import { pages } from './pages.ts'

const out = new URL('../../../docs/dsp/', import.meta.url)
mkdirSync(new URL('images/', out), { recursive: true })
const clip = readNpy(new URL('../src/__tests__/fixtures/librosa/signal-1001_DFA_ANG_XX.npy', import.meta.url)).data
const attribution = 'CREMA-D clip 1001_DFA_ANG_XX, first two seconds (Cao et al. 2014, ODbL 1.0)'

for (const [name, page] of Object.entries(pages)) {
  if (page.picture) writeFileSync(new URL(`images/${name}.svg`, out), page.picture(clip))
  const picture = page.picture
    ? `\n## On a real clip\n\n![${name}](images/${name}.svg)\n\n${page.caption ? `${page.caption} ` : ''}${attribution}.\n`
    : ''
  writeFileSync(
    new URL(`${name}.md`, out),
    `# ${name}\n\n${page.summary}\n\n## Definition\n\n${page.formula}\n\n## Returns\n\n${page.returns}\n${page.notes ? `\n${page.notes}\n` : ''}\n## Example\n\n\`\`\`ts\n${page.example}\n\`\`\`\n${picture}`,
  )
}
const index = Object.entries(pages).map(([name, { summary }]) => `- [${name}](${name}.md): ${summary}`)
writeFileSync(
  new URL('README.md', out),
  `# @emo/dsp\n\nOptions are librosa's in camelCase and are described where the types are. Matrices are ndarrays of Float32Array, \`[frames, features]\`.\nErrors are \`EmoRangeError\`s: an \`EmoError\` of the family and a \`RangeError\` at once, with a stable \`code\` and the offending value in \`details\`.\nHow close every function is to librosa: [parity.md](parity.md).\n\n${index.join('\n')}\n\nThe pages and their pictures are written by \`npm run docs -w packages/dsp\`; a test runs every example.\n`,
)
console.log(`${Object.keys(pages).length} pages`)
