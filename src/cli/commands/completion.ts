import { type Define, withExamples } from '../command.ts';
import { usageError } from '../errors.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** Each script asks `keyhold __complete` for the candidates, so that it never goes out of date. */
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: `_keyhold() {
  local IFS=$'\\n'
  local -a words
  words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  local i
  for ((i = 0; i < \${#words[@]} - 1; i++)); do
    if [[ \${words[i]} == -- ]]; then
      if declare -F _command_offset >/dev/null; then _command_offset $((i + 2)); fi
      return
    fi
  done
  COMPREPLY=($(keyhold __complete -- "\${words[@]}" 2>/dev/null | cut -f1))
}
complete -o default -F _keyhold keyhold
`,
  zsh: `#compdef keyhold
_keyhold() {
  local -a found
  local line
  local at=\${words[(I)--]}
  if (( at > 0 && at < CURRENT )); then
    shift $at words
    (( CURRENT -= at ))
    _normal
    return
  fi
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(keyhold __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe keyhold found; else _files; fi
}
if [ "$funcstack[1]" = "_keyhold" ]; then _keyhold "$@"; else compdef _keyhold keyhold; fi
`,
  fish: `function __keyhold_complete
    set -l words (commandline -opc) (commandline -ct)
    keyhold __complete -- $words[2..-1] 2>/dev/null
end
complete -c keyhold -f -n 'not contains -- -- (commandline -opc)' -a '(__keyhold_complete)'
complete -c keyhold -n 'contains -- -- (commandline -opc)' -F
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName keyhold -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  & keyhold __complete '--' @words $wordToComplete 2>$null | ForEach-Object {
    $name, $help = $_ -split "\`t", 2
    if (-not $help) { $help = $name }
    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $help)
  }
}
`,
};

export const define: Define = (command, cli) => {
  withExamples(command, [
    'source <(keyhold completion bash)            # in ~/.bashrc',
    'source <(keyhold completion zsh)             # in ~/.zshrc, after compinit',
    'keyhold completion fish > ~/.config/fish/completions/keyhold.fish',
    'keyhold completion powershell >> $PROFILE',
  ])
    .argument('<shell>', SHELLS.join(', '))
    .action((name: string) => {
      const shell = SHELLS.find((one) => one === name || (one === 'powershell' && name === 'pwsh'));
      if (shell === undefined)
        throw usageError(`"${name}" is no shell Keyhold completes in. Choose one of ${SHELLS.join(', ')}.`);
      cli.print({ shell, script: SCRIPTS[shell] }, () => SCRIPTS[shell]);
    });
};
