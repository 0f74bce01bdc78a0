import type { Command } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/** `sidecar completion`: a script that makes a shell complete commands and options. */
export function completion(program: Command, shell: Shell): void {
  const commands = program.commands.map(wordsOf);
  process.stdout.write(scripts[shell](program.name(), commands));
}

interface Words {
  readonly name: string;
  readonly description: string;
  /** Its own commands, and its options. */
  readonly words: readonly { readonly word: string; readonly description: string }[];
}

function wordsOf(command: Command): Words {
  const options = command.options.map(({ long, short, description }) => ({
    word: long ?? short ?? '',
    description,
  }));
  const commands = command.commands.map((each) => ({ word: each.name(), description: each.description() }));
  return { name: command.name(), description: command.description(), words: [...commands, ...options] };
}

const scripts: Readonly<Record<Shell, (program: string, commands: readonly Words[]) => string>> = {
  bash: (
    program,
    commands,
  ) => `# ${program} completion bash: put this into ~/.bashrc: eval "$(${program} completion bash)"
_${program}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${quoted(commands.map(({ name }) => name).join(' '))}
  else
    case "\${COMP_WORDS[1]}" in
${commands.map(({ name, words }) => `      ${name}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _${program} ${program}
`,

  zsh: (program, commands) => `#compdef ${program}
# ${program} completion zsh: put this into ~/.zshrc: eval "$(${program} completion zsh)"
_${program}() {
  local -a words_of
  if (( CURRENT == 2 )); then
    words_of=(${commands.map(({ name, description }) => quoted(`${name}:${described(description)}`)).join(' ')})
  else
    case "$words[2]" in
${commands.map(({ name, words }) => `      ${name}) words_of=(${words.map(({ word, description }) => quoted(`${word}:${described(description)}`)).join(' ')}) ;;`).join('\n')}
    esac
  fi
  _describe ${program} words_of || _files
}
compdef _${program} ${program}
`,

  fish: (program, commands) =>
    `# ${program} completion fish | source\n${commands.map((command) => fishLines(program, command)).join('')}`,
};

function fishLines(program: string, { name, description, words }: Words): string {
  const lines = words.map(({ word, description: text }) => {
    const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
    return `complete -c ${program} -n '__fish_seen_subcommand_from ${name}' ${what} -d ${quoted(text)}`;
  });
  const own = `complete -c ${program} -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`;
  return `${[own, ...lines].join('\n')}\n`;
}

/** For each of the three shells: nothing in it means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A colon ends the word in zsh. */
function described(text: string): string {
  return text.replaceAll(':', '\\:');
}
