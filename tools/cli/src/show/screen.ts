// A block of lines at the bottom of a terminal that is drawn again and again, and lines above it that stay. Each draw is one
// write. Knows nothing of runs.
import { textWidth } from './text-width.js';

/** What is needed of a stream to draw on it. */
export interface Terminal {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Terminals that know synchronised output show all of a frame at once; others ignore this. */
const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export interface Screen {
  /** Writes lines that stay, then the block in place of the last one. */
  draw(block: readonly string[], above?: readonly string[]): void;
  /** Leaves the last block where it is and gives the cursor back. */
  end(): void;
}

/** A screen that begins at the cursor's line. */
export function createScreen(terminal: Terminal): Screen {
  let last: readonly string[] = [];
  let hidden = false;
  /** Rows the last block takes now: a terminal that became narrower has wrapped its lines. */
  const rowsUp = (): number => {
    const columns = Math.max(1, terminal.columns ?? 80);
    return last.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
  };
  return {
    draw(block, above = []) {
      const up = Math.min(rowsUp(), Math.max(0, (terminal.rows ?? 24) - 1));
      const lines = [...above, ...block].map((line) => `${line}${CLEAR_LINE}\n`).join('');
      const home = up === 0 ? '\r' : `\r\u001b[${up}A`;
      terminal.write(`${BEGIN_FRAME}${hidden ? '' : HIDE_CURSOR}${home}${lines}${CLEAR_BELOW}${END_FRAME}`);
      hidden = true;
      last = block;
    },
    end() {
      if (hidden) terminal.write(SHOW_CURSOR);
      hidden = false;
      last = [];
    },
  };
}
