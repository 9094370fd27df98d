import { spawnSync } from 'node:child_process'
import { CORPORA } from '@emo/datasets'
import { describe, expect, it } from 'vitest'
import { completionScript, SHELLS } from '../completion.ts'
import { DATASET_NAMES } from '../datasetNames.ts'
import { createProgram } from '../main.ts'

const program = createProgram(() => undefined)

/** What bash offers for a command line whose last word is being typed. */
function complete(...words: string[]): string[] {
  const script = `${completionScript(program, 'bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _emo; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd: import.meta.dirname })
  expect(status).toBe(0)
  return stdout.split('\n').filter(Boolean)
}

describe('completion', () => {
  it('offers commands, options and values in bash', () => {
    expect(complete('emo', 'pre')).toEqual(['predict'])
    expect(complete('emo', 'predict', '--w')).toEqual(['--workers'])
    expect(complete('emo', 'evaluate', '--dataset', 'ra')).toEqual(['ravdess'])
    expect(complete('emo', 'completion', 'z')).toEqual(['zsh'])
  })

  it('leaves files to bash itself, which quotes blanks in their names', () => {
    expect(complete('emo', 'predict', 'completion.t')).toEqual([])
    const { stdout } = spawnSync('bash', ['-c', `${completionScript(program, 'bash')}\ncomplete -p emo`], { encoding: 'utf8' })
    expect(stdout).toBe('complete -o default -F _emo emo\n')
  })

  it.each(SHELLS)('names every command for %s', (shell) => {
    const script = completionScript(program, shell)
    for (const command of program.commands) expect(script).toContain(command.name())
  })
})

it('offers every corpus that can be opened', () => {
  expect([...DATASET_NAMES].sort()).toEqual([...CORPORA].sort())
})
