import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, inject, test } from 'vitest'
import { execute, freshFolder } from './freshFolder.ts'

const examples = ['1001_DFA_ANG_XX.wav', 'astronaut.jpg'].map((name) => join(inject('workspace'), 'packages/demo/examples', name))

let folder: string
beforeAll(async () => {
  folder = await freshFolder()
})

/** Linux can run a program in a network namespace of its own, where there is no network; elsewhere sockets are made to fail. */
function hasNamespaces(): boolean {
  try {
    execFileSync('unshare', ['-rn', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function withoutNetwork(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  if (hasNamespaces()) return execute(folder, 'unshare', ['-rn', process.execPath, ...args])
  await writeFile(
    join(folder, 'noNetwork.mjs'),
    `import net from 'node:net'
import dns from 'node:dns'
const refuse = () => { throw new Error('the network is cut') }
net.Socket.prototype.connect = refuse
dns.lookup = refuse
globalThis.fetch = refuse`,
  )
  return execute(folder, process.execPath, ['--import', './noNetwork.mjs', ...args])
}

test('emo predict of a clip and a photograph, with the network cut, answers as in the workspace', async () => {
  const installed = join('node_modules/@emo/demo/dist/cli/emo.js')
  const built = join(inject('workspace'), 'packages/demo/dist/cli/emo.js')
  const fresh = await withoutNetwork([installed, 'predict', ...examples, '--json'])
  const here = await execute(folder, process.execPath, [built, 'predict', ...examples, '--json'])
  expect(fresh.stderr).toBe('')
  expect(fresh.stdout).toBe(here.stdout)
  const lines = fresh.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines).toMatchObject([
    { file: examples[0], modality: 'speech', emotion: expect.any(String) as string, confidence: expect.any(Number) as number },
    { file: examples[1], modality: 'face', emotion: expect.any(String) as string, faces: [{ emotion: expect.any(String) as string }] },
  ])
})

test.each([
  ['an app that installed the package', () => folder],
  // npm links a checkout's commands when it installs, before anything is built.
  ['the checkout', () => inject('workspace')],
])('npx finds the command in %s', async (_name, where) => {
  const { stdout } = await execute(where(), 'npx', ['--no-install', 'emo', '--help'])
  expect(stdout).toMatch(/predict/)
})
