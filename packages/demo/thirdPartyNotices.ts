import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Plugin } from 'vite'

/** Options of {@link thirdPartyNotices}. */
export interface ThirdPartyNoticesOptions {
  readonly fileName: string
  /** Packages whose content is in the page although no module of theirs is, e.g. because a plugin reads them. */
  readonly alsoUsed: readonly string[]
  /** Libraries that are compiled into a package, by its name. */
  readonly compiledInto: Readonly<Record<string, string>>
  /** Files with texts that licences ask to be handed on, besides those in the packages. */
  readonly texts: readonly string[]
}

interface Package {
  readonly folder: string
  readonly name: string
  readonly version?: string
  readonly license?: string
  readonly repository?: string | { readonly url?: string }
}

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)/i
const RULE = '-'.repeat(80)

/**
 * Writes the licences of everything that the page ships. Vite's own `build.license` leaves out workers, and the models and decoders are in one;
 * hence a plugin for each: the worker's collects, the page's (whose bundle is written last) adds its own and writes.
 */
export function thirdPartyNotices(root: string, options: ThirdPartyNoticesOptions): { page: () => Plugin; worker: () => Plugin } {
  const own = packageFolder(resolve(root))
  const folders = new Set<string>()
  const collect = (ids: Iterable<string>): void => {
    for (const id of ids) {
      const file = id.replace(/^\0/, '').replace(/[?#].*$/, '')
      const folder = file.startsWith('/') || /^[a-z]:/i.test(file) ? packageFolder(dirname(file)) : undefined
      if (folder !== undefined && folder !== own) folders.add(folder)
    }
  }
  return {
    worker: () => ({
      name: 'third-party-notices-worker',
      generateBundle() {
        collect(this.getModuleIds())
      },
    }),
    page: () => ({
      name: 'third-party-notices',
      apply: 'build',
      generateBundle() {
        collect(this.getModuleIds())
        for (const name of options.alsoUsed) folders.add(installed(name, root))
        this.emitFile({ type: 'asset', fileName: options.fileName, source: format([...folders].map(readPackage), options) })
      },
    }),
  }
}

/** Nearest folder upwards whose package.json has a name and a version; those without only set the type of modules. */
function packageFolder(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Package>
      if (name !== undefined && version !== undefined) return folder
    }
    if (dirname(folder) === folder) return undefined
  }
}

function installed(name: string, root: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (dirname(folder) === folder) throw new Error(`${name} is not installed`)
  }
}

function readPackage(folder: string): Package {
  return { ...(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Omit<Package, 'folder'>), folder }
}

function format(packages: readonly Package[], { compiledInto, texts }: ThirdPartyNoticesOptions): string {
  const missing = Object.keys(compiledInto).filter((name) => !packages.some((known) => known.name === name))
  if (missing.length > 0) throw new Error(`no longer in the page, or not found: ${missing.join(', ')}`)
  const sections = packages
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ folder, name, version = '', license = 'see below', repository }) => {
      const source = typeof repository === 'string' ? repository : repository?.url
      const head = [
        `${name} ${version} (${license})`,
        ...(source === undefined ? [] : [source]),
        ...(name in compiledInto ? [`Contains ${compiledInto[name]}`] : []),
      ]
      const own = readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
        .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim())
      return [head.join('\n'), ...own].join('\n\n')
    })
  return (
    [
      'What this page ships that others made, and under which terms.\n\nLibraries under the LGPL may be replaced: the page is built from the sources of @emo/demo and these packages with `npm run build`.',
      ...sections,
      ...texts.map((file) => readFileSync(file, 'utf8').trimEnd()),
    ].join(`\n\n${RULE}\n\n`) + '\n'
  )
}
