import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import * as dsp from '../index.ts'

const directory = new URL('../../../../docs/dsp/', import.meta.url)
const pages = readdirSync(directory).filter((name) => name.endsWith('.md'))

/** Runs an example with the sources for the package and returns what it logs, a line a call. */
function run(code: string): string[] {
  const lines: string[] = []
  const { outputText } = ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } })
  const body = outputText.replace(/import \{([^}]*)\} from '@emo\/dsp'/g, 'const {$1} = dsp')
  const show = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the examples of our own documentation
  const example = new Function('dsp', 'console', body) as (dsp: object, console: object) => void
  example(dsp, { log: (...values: unknown[]) => lines.push(values.map(show).join(' ')) })
  return lines
}

function examplesOf(text: string): string[] {
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1])
}

describe.each(pages)('docs/dsp/%s', (name) => {
  const text = readFileSync(new URL(name, directory), 'utf8')
  const examples = examplesOf(text)

  test.each(examples)('the example logs what it says: %s', (code) => {
    const promised = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map((match) => match[1])
    expect(promised.length).toBeGreaterThan(0)
    expect(run(code)).toEqual(promised)
  })

  test('its links and pictures exist', () => {
    const links = [...text.matchAll(/\]\(([^):]+)\)/g)].map((match) => match[1])
    for (const link of links) expect(() => readFileSync(new URL(link, directory))).not.toThrow()
  })
})

test('every example compiles in strict TypeScript', () => {
  const folder = mkdtempSync(join(tmpdir(), 'emo-dsp-examples-'))
  try {
    const files = pages.flatMap((name) =>
      examplesOf(readFileSync(new URL(name, directory), 'utf8')).map((code, i) => {
        const file = join(folder, `${name}.${i}.ts`)
        writeFileSync(file, code)
        return file
      }),
    )
    const program = ts.createProgram(files, {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      customConditions: ['@emo/source'],
      allowImportingTsExtensions: true,
      types: [],
      paths: { '@emo/dsp': [fileURLToPath(new URL('../index.ts', import.meta.url))] },
    })
    const problems = files.flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
    expect(problems.map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every function and class has a page or is named on one', () => {
  const all = pages.map((name) => readFileSync(new URL(name, directory), 'utf8')).join()
  for (const name of Object.keys(dsp)) if (!['hzToMel', 'melToHz'].includes(name)) expect(all).toContain(name)
})
