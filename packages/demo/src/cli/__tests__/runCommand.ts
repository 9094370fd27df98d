import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

const cli = join(import.meta.dirname, '..')

/** What a command left behind. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

/** How {@link runCommand} runs it. */
export interface RunOptions {
  readonly cwd?: string
  readonly input?: string | Uint8Array
  /** Called with the process once it runs, to signal it for instance. */
  readonly during?: (child: ChildProcess) => void
  /** A program to run it under, with its arguments. */
  readonly under?: readonly string[]
}

/** Runs `emo` from its sources, so that no build can be stale, as a process of its own whose streams are pipes. Never rejects. */
export function runCommand(args: readonly string[], { cwd, input = '', during, under = [] }: RunOptions = {}): Promise<CommandResult> {
  const loader = ['--import', join(import.meta.dirname, 'typescriptLoader.mjs'), '--conditions=@emo/source']
  const [command, ...all] = [...under, process.execPath, ...loader, join(cli, 'bin.ts'), ...args]
  return new Promise((resolve, reject) => {
    const child = spawn(command, all, { cwd, stdio: 'pipe' })
    const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
    child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk))
    child.stdin.on('error', () => undefined) // a command that never reads it
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (status, signal) => {
      resolve({ stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString(), status, signal })
    })
    during?.(child)
  })
}
