// What the user should know of the text that models are measured on: what of it is cut off, and how little it is.
import { unitsOf, type Window } from './windows.js';

/** Documents or windows, tokens, and questions below which a result is said to stand on little. */
const FEW = { units: 10, tokens: 1000, questions: 50 };

/** Documents of which only the first tokens are looked at; nothing where all are looked at whole. */
export function cutNotice(documents: readonly (readonly number[])[], length: number): readonly string[] {
  const cut = documents.filter((own) => own.length > length);
  if (cut.length === 0) return [];
  const [tokens, left] = [sum(documents, (own) => own.length), sum(cut, (own) => own.length - length)];
  const share = ((100 * left) / tokens).toFixed(left < tokens / 100 ? 2 : 0);
  return [
    `perplexity: ${cut.length} of ${counted(documents.length, 'document')} ${cut.length === 1 ? 'is' : 'are'} cut to the first ${length} tokens, which leaves out ${share}% of the text (--max-tokens; windows: rolling takes all)`,
  ];
}

/** How little text a perplexity is of; nothing where it is enough. */
export function fewNotice(windows: readonly Window[], what: 'document' | 'window'): readonly string[] {
  const predicted = windows.filter((own) => own.predicted > 0);
  const units = unitsOf(predicted).length;
  const isOnly = predicted.length > 1 && predicted.every((own) => own.unit === predicted[0]?.unit);
  const unit = isOnly ? 'window' : what;
  const tokens = sum(predicted, (own) => own.predicted);
  if (units === 0 || (units >= FEW.units && tokens >= FEW.tokens)) return [];
  const verdict = units === 1 ? 'too few to say how sure it is' : 'few: see its interval';
  return [
    `perplexity is judged on ${counted(units, unit)} of ${counted(tokens, 'predicted token')}${units === 1 ? '' : ' in all'}: ${verdict}`,
  ];
}

/** The same of questions. */
export function fewQuestions(count: number): readonly string[] {
  return count >= FEW.questions ? [] : [`cloze is judged on ${counted(count, 'question')}: few, see its interval`];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function sum<Own>(all: readonly Own[], of: (own: Own) => number): number {
  return all.reduce((total, own) => total + of(own), 0);
}
