import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { filesOf, textOf } from './tarballFiles.ts'

test.each(inject('tarballs'))('$name brings the types that its declarations name', ({ path }) => {
  const declarations = textOf(path, ...filesOf(path).filter((file) => /\.d\.c?ts$/.test(file)))
  const imported = [...declarations.matchAll(/\bfrom '((?:@[\w-]+\/)?[\w-][\w.-]*)/g)].map(([, name]) => name)
  const { dependencies = {} } = JSON.parse(textOf(path, 'package.json')) as { dependencies?: Readonly<Record<string, string>> }
  // What has no types of its own has them in a package beside it.
  const wanted = imported.map((name) => (existsSync(join(inject('workspace'), 'node_modules/@types', name)) ? `@types/${name}` : name))
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(wanted))
})
