// What a run has come to, in words, and what to do next: commands that can be copied.
import { answered, betterRows, verdict, wrapped, type RunResult } from '@espalier/run';

/** The verdict in lines of at most so many characters; none for a run that was to end early. */
export function verdictLines({ rows, summary }: RunResult, columns: number): readonly string[] {
  if (summary?.answer === undefined) return [];
  return verdict({ rows, answer: summary.answer }).flatMap((sentence) => wrapped(sentence, columns));
}

/**
 * Commands to go on with: measure the model by text of one's own (that of the run is measured already), read it beside its teacher, have a model that is not exported
 * yet, a better one first. `model` is the first one's name, where there was one.
 */
export function nextCommands(
  { rows, summary, exported }: RunResult,
  { run, model }: { readonly run: string; readonly model?: string | undefined },
): readonly string[] {
  const answer = summary?.answer;
  const student = answer && answered({ rows, answer });
  if (answer === undefined || student === undefined) return [];
  // A run folder stands for its student.
  const folder = exported?.difference === undefined ? run : exported.folder;
  const trained = rows.filter(({ name, trainingTokens }) => trainingTokens > 0 && name !== student.name);
  const other = [...betterRows({ rows, answer }), ...trained, student].find(({ name }) => name !== exported?.row);
  return [
    `espalier evaluate --model ${word(folder)} --data your-other-text.txt`,
    `espalier generate ${model === undefined ? '' : `--model ${word(model)} `}--model ${word(folder)} --prompt "Once"`,
    ...(other === undefined
      ? []
      : [
          `espalier export ${word(run)} --row ${other.name} --out ${word(`${run}-${other.name.replaceAll('/', '-')}`)}`,
        ]),
  ];
}

/** A word as a shell takes it. */
function word(text: string): string {
  return /^[\w./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
