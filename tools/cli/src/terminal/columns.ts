// How wide what is printed may be.
import { wrapped } from '@espalier/run';

/** Characters that a line of a terminal has; a pipe and a file take lines of any length. */
export function screenColumns({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return isTTY && columns > 0 ? columns : Infinity;
}

/** A line as lines of at most so many characters, where its words allow that; what follows the first is indented by two more. */
export function broken(line: string, columns: number): readonly string[] {
  if (line.length <= columns) return [line];
  const { length } = /^ */.exec(line)?.[0] ?? '';
  const [before, after] = [' '.repeat(length), ' '.repeat(length + 2)];
  return wrapped(line.slice(length), columns - length - 2).map((own, index) => `${index === 0 ? before : after}${own}`);
}
