// `espalier completion SHELL`: a script that completes verbs, flags and their choices, made from the definitions that parse them.
import { verbReferences, type FlagReference, type VerbReference } from '../reference.js';
import { printText } from '../terminal/print.js';

/** Shells whose completion can be written. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** Prints the script of a shell. */
export function completionCommand(shell: Shell): void {
  printText(completionScript(shell, verbReferences()));
}

/** The script; a verb with verbs below it is completed by their words. */
export function completionScript(shell: Shell, verbs: readonly VerbReference[]): string {
  return { bash, zsh, fish }[shell](wordsOf(verbs));
}

/** What may follow `espalier`: the first word, the words after it where it has verbs below, and flags. */
interface Word {
  readonly name: string;
  readonly about: string;
  readonly below: readonly string[];
  readonly flags: readonly FlagReference[];
}

function wordsOf(verbs: readonly VerbReference[]): readonly Word[] {
  const firsts = new Map<string, readonly VerbReference[]>();
  for (const own of verbs) {
    const [first = ''] = own.name.split(' ');
    for (const name of [first, ...own.aliases]) firsts.set(name, [...(firsts.get(name) ?? []), own]);
  }
  return [...firsts].map(([name, own]) => {
    const below = own.flatMap((each) => each.name.split(' ').slice(1));
    return { name, about: own[0]?.summary ?? '', below, flags: own.flatMap(({ flags }) => flags) };
  });
}

/** `-m, --model <name>` as its words. */
function namesOf({ flags }: FlagReference): readonly string[] {
  return flags.split(/[\s,]+/).filter((word) => word.startsWith('-'));
}

const takesValue = ({ flags }: FlagReference): boolean => /[<[]/.test(flags);
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(words: readonly Word[]): string {
  const cases = words.map(({ name, below, flags }) => {
    const choices = flags
      .filter((own) => own.choices.length > 0)
      .map((own) => `      ${namesOf(own).join('|')}) words="${own.choices.join(' ')}" ;;`);
    return [
      `    ${name})`,
      `      [[ $COMP_CWORD == 2 ]] && words="${below.join(' ')}"`,
      `      [[ $current == -* ]] && words="${[...flags.flatMap(namesOf), '--help', '--help-all'].join(' ')}"`,
      ...(choices.length === 0 ? [] : ['      case $before in', ...choices, '      esac']),
      '      ;;',
    ].join('\n');
  });
  return `# espalier completion bash >> ~/.bashrc
_espalier() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=""
  if [[ $COMP_CWORD == 1 ]]; then
    COMPREPLY=($(compgen -W "${words.map(({ name }) => name).join(' ')}" -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _espalier espalier`;
}

function zsh(words: readonly Word[]): string {
  const spec = (own: FlagReference): readonly string[] =>
    namesOf(own).map((name) => {
      const about = own.meaning.replaceAll(/[[\]\\]/g, '');
      const values = own.choices.length > 0 ? `(${own.choices.join(' ')})` : '_files';
      return quoted(`*${name}[${about}]${takesValue(own) ? `:value:${values}` : ''}`);
    });
  const cases = words.map(({ name, below, flags }) => {
    const rest = below.length > 0 ? quoted(`1:verb:(${below.join(' ')})`) : '';
    return `    ${name}) _arguments ${[...flags.flatMap(spec), rest, quoted('*:file:_files')].filter((own) => own !== '').join(' ')} ;;`;
  });
  return `#compdef espalier
# espalier completion zsh > "\${fpath[1]}/_espalier"
_espalier() {
  if (( CURRENT == 2 )); then
    local -a verbs
    verbs=(${words.map(({ name, about }) => quoted(`${name}:${about}`)).join(' ')})
    _describe verb verbs
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _espalier ]]; then _espalier "$@"; else compdef _espalier espalier; fi`;
}

function fish(words: readonly Word[]): string {
  const lines = words.flatMap(({ name, about, below, flags }) => {
    const within = quoted(`__fish_seen_subcommand_from ${name}`);
    return [
      `complete -c espalier -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`,
      ...(below.length === 0 ? [] : [`complete -c espalier -n ${within} -f -a ${quoted(below.join(' '))}`]),
      ...flags.map((own) => {
        const names = namesOf(own).map((flag) =>
          flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
        );
        const values =
          own.choices.length > 0 ? ` -x -a ${quoted(own.choices.join(' '))}` : takesValue(own) ? ' -r' : '';
        return `complete -c espalier -n ${within} ${names.join(' ')}${values} -d ${quoted(own.meaning)}`;
      }),
    ];
  });
  return ['# espalier completion fish > ~/.config/fish/completions/espalier.fish', ...lines].join('\n');
}
