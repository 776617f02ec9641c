// How wide what is printed may be.

/** Characters that a line of a terminal has; a pipe and a file take lines of any length. */
export function screenColumns({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return isTTY && columns > 0 ? columns : Infinity;
}
