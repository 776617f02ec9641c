// What a run has come to, in words, and what to do next: commands that can be copied.
import { answered, betterRows, verdict, wrapped, type RunResult } from '@espalier/run';

/** The verdict in lines of at most so many characters; none for a run that was to end early. */
export function verdictLines({ rows, summary }: RunResult, columns: number): readonly string[] {
  if (summary?.answer === undefined) return [];
  return verdict({ rows, answer: summary.answer }).flatMap((sentence) => wrapped(sentence, columns));
}

/** Three commands to go on with: measure the model, read it beside its teacher, have another one. `model` is the first one's name, where there was one. */
export function nextCommands(
  { rows, summary, exported }: RunResult,
  { run, model, data }: { readonly run: string; readonly model?: string | undefined; readonly data: string },
): readonly string[] {
  const answer = summary?.answer;
  const student = answer && answered({ rows, answer });
  if (answer === undefined || student === undefined) return [];
  // A run folder stands for its student.
  const folder = exported?.difference === undefined ? run : exported.folder;
  const [better] = betterRows({ rows, answer });
  const other =
    better ?? rows.find(({ name, trainingTokens }) => trainingTokens > 0 && name !== student.name) ?? student;
  return [
    `espalier evaluate --model ${word(folder)} --data ${word(data)}`,
    `espalier generate ${model === undefined ? '' : `--model ${word(model)} `}--model ${word(folder)} --prompt "Once"`,
    `espalier export ${word(run)} --row ${other.name} --out ${word(`${run}-${other.name.replaceAll('/', '-')}`)}`,
  ];
}

/** A word as a shell takes it. */
function word(text: string): string {
  return /^[\w./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
