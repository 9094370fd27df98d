import type { Command, Option } from 'commander'

/** Shells that {@link completionScript} writes for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number]

/** A completion script, made from the program's own commands and options, so that it cannot fall behind them. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help')
  const optionsOf = (command: Command): readonly Option[] => command.createHelp().visibleOptions(command)
  const flagsOf = (command: Command): string[] =>
    optionsOf(command).flatMap((option) => [option.long, option.short].filter((flag) => flag !== undefined && flag !== null))
  if (shell === 'fish') {
    return [
      'complete -c emo -f',
      ...commands.map((c) => `complete -c emo -n __fish_use_subcommand -a ${c.name()} -d ${quote(c.summary() || c.description())}`),
      ...commands.flatMap((c) =>
        optionsOf(c).map((option) => {
          const values = option.argChoices ? ` -x -a ${quote(option.argChoices.join(' '))}` : option.required ? ' -r' : ''
          return `complete -c emo -n '__fish_seen_subcommand_from ${c.name()}' -l ${option.long!.slice(2)}${values} -d ${quote(option.description)}`
        }),
      ),
      "complete -c emo -n '__fish_seen_subcommand_from predict inspect' -F",
      `complete -c emo -n '__fish_seen_subcommand_from completion' -a ${quote(SHELLS.join(' '))}`,
      '',
    ].join('\n')
  }
  const choices = commands.flatMap((c) =>
    optionsOf(c)
      .filter((option) => option.argChoices)
      .map((option) => `    ${option.long!}) COMPREPLY=($(compgen -W ${quote(option.argChoices!.join(' '))} -- "$word")); return ;;`),
  )
  const bash = [
    '_emo() {',
    '  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W ${quote(commands.map((c) => c.name()).join(' '))} -- "$word")); return`,
    '  fi',
    '  case $previous in',
    ...[...new Set(choices)],
    `    completion) COMPREPLY=($(compgen -W ${quote(SHELLS.join(' '))} -- "$word")); return ;;`,
    '  esac',
    '  if [ "${word#-}" != "$word" ]; then',
    '    case ${COMP_WORDS[1]} in',
    ...commands.map((c) => `      ${c.name()}) COMPREPLY=($(compgen -W ${quote(flagsOf(c).join(' '))} -- "$word")) ;;`),
    '    esac',
    '    return',
    '  fi',
    // No word of ours: the shell completes file names itself, and knows how to quote them.
    '  COMPREPLY=()',
    '}',
    'complete -o default -F _emo emo',
    '',
  ].join('\n')
  return shell === 'bash' ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
