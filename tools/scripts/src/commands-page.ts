// docs/commands.md, from the definitions that the command itself parses by.
import { commonGroup, type FlagReference, type VerbReference } from '@espalier/cli';

/** Markdown of the page; `exits` are exit codes with what they say. */
export function commandsPage(verbs: readonly VerbReference[], exits: readonly (readonly [number, string])[]): string {
  const groups = [...new Set(verbs.map(({ group }) => group))];
  const [first] = verbs;
  const common = first === undefined ? [] : first.flags.filter(({ group }) => group === commonGroup);
  return [
    '# Commands',
    '<!-- Made by `npm run docs` from tools/cli/src/verbs; edit that. -->',
    'Every verb of `espalier`. `espalier <verb> --help` shows the usual flags and examples, `--help-all` every flag, as this page does. A flag means the ' +
      'same in all verbs that have it, and is given once unless it is called repeatable.',
    table(['flag of every verb', 'meaning', 'default'], common.map(row)),
    ...groups.map((group) =>
      [
        `**${group}**`,
        table(
          ['verb', 'what it does'],
          verbs
            .filter((own) => own.group === group)
            .map((own) => [`[\`${own.name}\`](#${anchor(own)})`, cell(own.summary)]),
        ),
      ].join('\n\n'),
    ),
    '## Results and exit codes',
    'The result is printed on stdout: for people, or with `--json` as one JSON value. Everything else (progress, notices, errors) goes to stderr. An error ' +
      'says what was asked, what was found, and what to do.',
    table(
      ['exit code', 'says'],
      exits.map(([code, says]) => [String(code), says]),
    ),
    table(
      ['verb', 'what `--json` gives'],
      verbs.map(({ name, json = 'refused: what it prints is a conversation, or a script' }) => [
        `\`${name}\``,
        cell(json),
      ]),
    ),
    ...verbs.map(section),
    '',
  ].join('\n\n');
}

function section(verb: VerbReference): string {
  const { name, aliases, summary, examples, operands } = verb;
  const flags = verb.flags.filter(({ group }) => group !== commonGroup);
  const groups = [...new Set(flags.map(({ group }) => group))];
  const also = aliases.length === 0 ? '' : ` Also \`${aliases.join('`, `')}\`.`;
  return [
    `## ${name}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.${also}`,
    `\`\`\`sh\n${(examples.length === 0 ? [usage(verb)] : examples).join('\n')}\n\`\`\``,
    ...(operands.length === 0
      ? []
      : [
          table(
            ['operand', 'meaning'],
            operands.map(({ written, meaning }) => [`\`${written}\``, cell(meaning)]),
          ),
        ]),
    ...groups.map((group) =>
      [
        ...(groups.length === 1 ? [] : [`**${group}**`]),
        table(['flag', 'meaning', 'default'], flags.filter((own) => own.group === group).map(row)),
      ].join('\n\n'),
    ),
  ].join('\n\n');
}

function row({ flags, meaning, choices, preset, mandatory }: FlagReference): readonly string[] {
  const values = choices.length === 0 ? '' : `: ${choices.map((own) => `\`${own}\``).join(', ')}`;
  return [
    `\`${flags}\``,
    cell(`${meaning}${values}`),
    mandatory ? 'required' : preset === undefined ? '–' : `\`${preset}\``,
  ];
}

const usage = ({ name, operands }: VerbReference): string =>
  ['espalier', name, ...operands.map(({ written }) => written)].join(' ');
const anchor = ({ name }: VerbReference): string => name.replaceAll(' ', '-');
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
